"""Tags taken from the names of files and folders."""

from __future__ import annotations

import re

from auralis_cli.errors import InputError
from auralis_cli.model.tag_changes import Wanted, WantedOf
from auralis_cli.model.tag_fields import TAG_FIELD_OF
from auralis_cli.model.tagged_files import TaggedFile
from auralis_cli.services.name_templates import NamePattern
from auralis_cli.services.tag_words import set_to

_NO_UTF8 = re.compile("[\ud800-\udfff]")


def named_by(pattern: NamePattern, *, only_missing: bool) -> WantedOf:
    """What gives a file the values that its name says, with `only_missing` those that it has none of yet."""

    def wanted(file: TaggedFile) -> Wanted:
        values = pattern.values_in(file.path)
        if values is None:
            raise InputError(file.path, "its name is not of this form")
        if any(map(_NO_UTF8.search, values.values())):
            raise InputError(file.path, "its name is no UTF-8, which tags have to be")
        new = {name: value for name, value in values.items() if not (only_missing and file.tags.get(name))}
        return Wanted([set_to(TAG_FIELD_OF[name], [value]) for name, value in new.items()])

    return wanted
