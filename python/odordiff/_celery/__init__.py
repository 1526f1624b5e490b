"""The parts of the Celery app."""
