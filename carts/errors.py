from config.errors import DomainError


class Duplicate(DomainError):
    code = "duplicate"
    message = "There is already one like it. Change that one instead."
