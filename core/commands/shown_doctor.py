"""What the doctor prints for people."""

from typing import Any

from core.doctor import doctor


def show_doctor(result: dict[str, Any]) -> None:
    doctor.show(result)
