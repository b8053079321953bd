"""Leaves a thread that holds the model."""

import threading

from tests.user_tasks.points import Points


class LeftRunning(Points):
    name = "left_running"

    def build(self, settings, *, steps):
        model = super().build(settings, steps=steps)
        threading.Thread(target=threading.Event().wait, name=f"watching {model.name}", daemon=True).start()
        return model


task = LeftRunning()
