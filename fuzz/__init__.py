"""Coverage-guided fuzzing with atheris; see the modules for how to run each."""
