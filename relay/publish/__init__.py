"""Publishing metrics: what ``publish: true`` filters count goes to CloudWatch, too."""
