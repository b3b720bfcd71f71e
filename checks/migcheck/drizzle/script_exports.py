"""What a script of JavaScript or TypeScript exports, as far as that is plain to see."""

from migcheck.drizzle.script_objects import Object, Unknown, Value
from migcheck.drizzle.script_tokens import tokenise
from migcheck.drizzle.script_values import Imported, Reader


def default_export(text: str, imported: Imported = lambda _, __: None) -> Value:
    """The value of `export default` or `module.exports`; of the whole text where it is JSON."""
    return _default(Reader(text, tokenise(text), imported=imported))


def export_of(text: str, name: str) -> Value:
    """What a script exports as `name`, where `*` is all of it; None where it is not plain that it does."""
    reader = Reader(text, tokenise(text))
    if constant := reader.exported(name):
        return reader.constant(constant, 1)
    if name == "default":
        return _default(reader)
    whole = _default(reader) if reader.is_of_node() else None
    return whole if name == "*" or not isinstance(whole, Object) else whole.get(name)


def _default(reader: Reader) -> Value:
    start = reader.default()
    if start is None:
        return Unknown("no `export default`", 1)
    made = (each for name in ("module", "exports") for each in reader.changes.of(name))
    # The `module.exports =` that is read ends where its value begins.
    later = next((each for each in made if each.stop != start and each.key != "__esModule"), None)
    return reader.statement(start) if later is None else reader.change(later)
