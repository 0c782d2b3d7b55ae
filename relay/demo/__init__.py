"""The whole job on an embedded emulator: a believable incident, no AWS account.

``run`` tells the story; every other module here is one of its parts. Nothing outside of
this package and the ``relay demo`` command knows of it.
"""
