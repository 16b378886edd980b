"""What an action is asked for: one frozen dataclass an action, each field an `Option` in words.

From it are made the command line (`core.commands.arguments`), the widgets of a page, a job's
request.json, the command that repeats an action and docs/reference.md; so a new option is written
in one place.
"""

import argparse
import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, make_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Literal,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from core.access import EDITOR
from core.errors import SlideScopeError
from core.installed import COMMAND
from core.language.reader import ENGLISH

KEY = "option"
Form = TypeVar("Form")


@dataclass(frozen=True)
class OwnWords:
    """How an option is written that does not fit into one flag: `add` puts its arguments on a
    parser, `read` takes its value from the parsed ones, `write` gives the words back."""

    add: Callable[[argparse.ArgumentParser], None]
    read: Callable[[argparse.Namespace], Any]
    write: Callable[[Any], list[str]]


@dataclass(frozen=True)
class Option:
    """A field of a request, in words; `option` makes one.

    `words` say what it does, `title` is its label on a page, `page` what a page says instead of
    `words` where these speak of the command line, `hint` what stands in an empty field there;
    `paper` what the paper has, `unit` what a number is in, `group` where a page draws it.
    `choices`: value -> words. `least` and `most` bound a number, `above` excludes its bound, `step`
    is what a click adds.

    On the command line: `flag` where it is not the field's name, `metavar`; `place` makes it a word
    without a flag, `together` lets one flag take several words, `alone` names a group whose options
    exclude each other, `bare` the value of a flag without a word, `hidden` leaves it out of the
    help; `read` and `write` turn a word into the value and back, and with `whole` one word holds
    all values of a tuple; `own` is for what needs several flags.

    `name`, `kind` (int, float, bool or str), `many` (a tuple of them) and `default` are those of
    the field. `presets` is what each preset has where presets differ.
    """

    words: str
    title: str = ""
    page: str = ""
    hint: str = ""
    paper: str = ""
    unit: str = ""
    group: str = ""
    choices: Mapping[Any, str] = field(default_factory=dict)
    least: float | None = None
    most: float | None = None
    above: float | None = None
    step: float | None = None
    flag: str | None = None
    metavar: str | None = None
    place: bool = False
    together: int | str | None = None
    alone: str = ""
    bare: Any = None
    hidden: bool = False
    read: Callable[[str], Any] | None = None
    write: Callable[[Any], str] = str
    whole: bool = False
    own: OwnWords | None = None
    presets: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    kind: type = str
    many: bool = False
    default: Any = None

    @property
    def switch(self) -> str:
        """Such as --learning-rate."""
        return self.flag or f"--{self.name.replace('_', '-')}"

    @property
    def help(self) -> str:
        """What a page says of it, as sentences.

        >>> Option("side of the squares; 0 = whole tiles").help
        'Side of the squares; 0 = whole tiles.'
        """
        return self.page or f"{self.words[0].upper()}{self.words[1:]}."

    def check(self, value: Any) -> None:
        """Raise a SlideScopeError unless `value` is one that the option can have."""
        if value is None or self.many or self.whole or self.own:
            return
        words = f"Invalid {self.name.replace('_', ' ')} {value}: "
        if isinstance(value, float) and not math.isfinite(value):
            raise SlideScopeError(f"{words}it must be a number that ends; give one.")
        if self.choices and value not in self.choices:
            known = ", ".join(map(str, self.choices))
            raise SlideScopeError(f"{words}it must be {known}; choose one.")
        if self.above is not None and not self.above < value <= (self.most or value):
            raise SlideScopeError(
                f"{words}it must lie above {self.above:g} and be at most {self.most:g} (paper: "
                f"{self.paper}); give such a one."
            )
        if self.least is not None and value < self.least:
            least = f"{self.least:g} {self.unit}".strip()
            raise SlideScopeError(f"{words}at least {least}; give a larger one.")
        if self.most is not None and value > self.most:
            most = f"{self.most:g} {self.unit}".strip()
            raise SlideScopeError(f"{words}at most {most}; give a smaller one.")


def option(words: str, default: Any = None, **more: Any) -> Any:
    """A field of a request; `more` as of `Option`.

    A `default` of MISSING makes it one that must be given; `dict` and the like are called for one.
    """
    metadata = {KEY: Option(words, **more)}
    if default is MISSING:
        return field(metadata=metadata)
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


def options(request: type) -> dict[str, Option]:
    """The options of a request by name, those that the class brings itself before others."""
    return _options(request)


@cache
def _options(request: type) -> dict[str, Option]:
    hints = get_type_hints(request)
    ordered = sorted(fields(request), key=lambda each: -_brought_by(request, each.name))
    return {each.name: _filled(each, hints[each.name]) for each in ordered if KEY in each.metadata}


def _brought_by(request: type, name: str) -> int:
    """How far from the root the class is that has the field first."""
    line = request.__mro__[::-1]
    return next(n for n, each in enumerate(line) if name in vars(each).get("__annotations__", {}))


def _filled(each: Field, hint: Any) -> Option:
    kind, many = _kind(hint)
    about: Option = each.metadata[KEY]
    many = many and not about.whole
    return replace(about, name=each.name, kind=kind, many=many, default=default_of(each))


def default_of(each: Field) -> Any:
    """What a field has where nothing is given; MISSING where it must be given."""
    return each.default_factory() if each.default_factory is not MISSING else each.default


def inherited(request: type, name: str, default: Any) -> Any:
    """The field of a base class once more, with another default."""
    known = {each.name: each for each in fields(request)}
    return field(default=default, metadata=known[name].metadata)


def names_of(text: str) -> tuple[str, ...]:
    """
    >>> names_of("red, nir,")
    ('red', 'nir')
    """
    return tuple(filter(None, (word.strip() for word in text.split(","))))


def names(words: str, **more: Any) -> Any:
    """A field that holds several names, on the command line separated by commas in one word."""
    return option(words, (), read=names_of, write=",".join, whole=True, **more)


def _kind(hint: Any) -> tuple[type, bool]:
    """The kind of a value, and whether the field holds several.

    >>> _kind(int | None), _kind(tuple[str, ...]), _kind(Literal["a", "b"])
    ((<class 'int'>, False), (<class 'str'>, True), (<class 'str'>, False))
    """
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _kind(next(each for each in get_args(hint) if each is not NoneType))
    if origin is Literal:
        return type(get_args(hint)[0]), False
    if origin in (tuple, frozenset):
        return get_args(hint)[0], True
    return (hint if hint in (int, float, bool) else str), False


# Languages of what is written for people, in English as all options.
LANGUAGES = {ENGLISH: "English", "zh": "Chinese"}


def language(of: str) -> Any:
    """A field for the language of what an action writes: `of` the report and so on."""
    return option(f"of {of} (default en)", ENGLISH, title="Language", choices=LANGUAGES)


def left_open(settings: type) -> Callable[[type[Form]], type[Form]]:
    """Give a class the same fields, each None unless it is given: the rest is left to a preset.

    A type checker sees the class without them: nobody takes a setting for given.
    """
    hints = get_type_hints(settings)
    open_ = [
        (
            each.name,
            hints[each.name] | None,
            field(default=None, metadata=each.metadata, kw_only=True),
        )
        for each in fields(settings)
    ]

    def fill(form: type[Form]) -> type[Form]:
        return make_dataclass(form.__name__, open_, bases=(form,), frozen=True)

    return fill


@dataclass(frozen=True)
class Request:
    """What one action is asked for.

    `ACTION` is its word on the command line, `KIND` that of its job (empty: it is quick and needs
    none).
    """

    ACTION: ClassVar[str] = ""
    KIND: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for name, each in options(type(self)).items():
            each.check(getattr(self, name))

    @property
    def action(self) -> str:
        return self.ACTION

    @property
    def kind(self) -> str:
        return self.KIND

    @property
    def needs(self) -> str:
        """The role of whoever may ask for it; one that changes nothing overrides this."""
        return EDITOR

    @property
    def title(self) -> str:
        """What a job of it is called."""
        return self.ACTION.capitalize()

    def spelled(self, each: Option) -> bool:
        """Whether `argv` names this option: not where it has its default anyway."""
        return getattr(self, each.name) != each.default

    def argv(self) -> list[str]:
        """The arguments of `python -m core` that ask for the same."""
        places, flags = [], []
        for each in options(type(self)).values():
            value = getattr(self, each.name)
            if each.place:
                several = value if each.many else (value,)
                places += [each.write(one) for one in several if one not in (None, "")]
            elif value is not None and self.spelled(each):
                flags += each.own.write(value) if each.own else words_of(each, value)
        return [self.action, *places, *flags]

    def command(self) -> str:
        """The same as one line for a terminal."""
        return shlex.join([*COMMAND.split(), *self.argv()])

    def to_json(self) -> dict[str, Any]:
        """An object of plain values that `from_json` reads back."""
        return _adapter(type(self)).dump_python(self, mode="json")

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; what a newer version added is left out."""
        from pydantic import ValidationError

        known = {each.name for each in fields(cls)}
        try:
            return _adapter(cls).validate_python({n: v for n, v in value.items() if n in known})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise SlideScopeError(
                f"A request to {cls.ACTION} is not understood: {where} is {first['input']!r}; it "
                "was damaged or written by another version, so ask for it anew."
            ) from error


def _adapter(request: type) -> Any:
    """Between a request and plain values."""
    return _made(request)


@cache
def _made(request: type) -> Any:
    """An adapter; making one takes longer than all that it does."""
    from pydantic import TypeAdapter  # here: it takes a while to load

    return TypeAdapter(request)


def words_of(each: Option, value: Any) -> list[str]:
    """An option as words of the command line.

    >>> words_of(Option("", name="epochs"), 5), words_of(Option("", name="grow"), -2)
    (['--epochs', '5'], ['--grow=-2'])
    >>> words_of(Option("", name="prior_bias", kind=bool), False)
    ['--no-prior-bias']
    >>> words_of(Option("", name="area", many=True), ("outside", "box:1,2,3,4"))
    ['--area', 'outside', '--area', 'box:1,2,3,4']
    """
    if each.kind is bool and not each.many:
        return [each.switch if value else each.switch.replace("--", "--no-", 1)]
    if each.many and each.together:
        return [each.switch, *map(each.write, value)]
    found = []
    for one in value if each.many else (value,):
        text = each.write(one)
        found += [f"{each.switch}={text}"] if text.startswith("-") else [each.switch, text]
    return found
