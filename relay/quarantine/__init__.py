"""The quarantine: what cannot be processed is kept, with its reason, and replayed.

The daemon puts items into a queue or a bucket of the user's; ``relay quarantine`` reads
them there, or in the dead-letter queue of the source's own queue.
"""
