"""Names in a drizzle.config: what is taken out of an object, and by which `defineConfig` is called."""

import pytest
from tests.support.growth import LINEAR, growth

from migcheck.drizzle.config_file import DrizzleConfig, Unread, UnreadableConfig, read_config

KIT = "import { defineConfig } from 'drizzle-kit';\n"
PLAIN = "{ dialect: 'postgresql', out: './m' }"


@pytest.mark.parametrize(
    "text",
    [
        "const { OUT } = { OUT: './m' };\nexport default { dialect: 'postgresql', out: OUT }",
        "const paths = { out: './m' };\nconst { out } = paths;\nexport default { dialect: 'postgresql', out }",
        "const { 'a-b': out, }: Paths = { 'a-b': './m' } as const;\nexport default { dialect: 'postgresql', out }",
        "const { b: { c }, out } = { b: {}, out: './m' };\nexport default { dialect: 'postgresql', out: `${out}` }",
        f"const {{ config }} = {{ config: {PLAIN} }};\nexport default config",
        f"{KIT}const cfg = defineConfig;\nexport default cfg({PLAIN})",
        f"{KIT}const a = defineConfig\nconst b = a\nexport default b({PLAIN})",
        f"import {{ type Config, defineConfig as dc }} from 'drizzle-kit';\nexport default dc({PLAIN})",
        f"import * as kit from 'drizzle-kit';\nexport default kit.defineConfig({PLAIN})",
        f"import kit, {{ x as y }} from 'npm:drizzle-kit@0.31';\nexport default kit.defineConfig({PLAIN})",
        f"import kit from 'https://esm.sh/v135/drizzle-kit@0.31';\nexport default kit.defineConfig({PLAIN})",
        f"const {{ defineConfig: dc }} = require('drizzle-kit');\nmodule.exports = dc({PLAIN})",
        f"const kit = require('drizzle-kit');\nmodule.exports = kit.defineConfig({PLAIN})",
        f"const {{ defineConfig: dc }} = require('drizzle-kit') as any, x = 1\nmodule.exports = dc({PLAIN})",
        f"const p = {PLAIN};\nconst {{ q = p.out, p: {{ r }} }} = process.env;\nexport default p",
        "const p = { q: { out: './m' } };\nexport default { dialect: 'postgresql', out: p.q.out, migrations: p.none }",
        f"import {{ join as j }} from 'path';\nexport default {{ ...{PLAIN}, out: './' + j('a', '..', 'm') }}",
        f"for (const p of all) {{ }}\nexport default Object.freeze({PLAIN})",
    ],
)
def test_what_is_taken_apart_or_called_by_another_name_is_read(text: str) -> None:
    read = read_config("drizzle.config.ts", text.encode())
    assert isinstance(read, DrizzleConfig), read
    assert read.out == "./m"


@pytest.mark.parametrize(
    "text",
    [
        "const { out } = process.env;\nexport default { dialect: 'postgresql', out }",
        "const { out = './m' } = {};\nexport default { dialect: 'postgresql', out }",
        "const { ...out } = { a: './m' };\nexport default { dialect: 'postgresql', out }",
        "const { a: { out } } = { a: { out: './m' } };\nexport default { dialect: 'postgresql', out }",
        "const { [x]: out } = { x: './m' };\nexport default { dialect: 'postgresql', out }",
        "const { out } = { ...process.env, ...x };\nexport default { dialect: 'postgresql', out }",
        "let { out } = { out: './m' };\nexport default { dialect: 'postgresql', out }",
        "const p = { out: './m' };\np.out = x();\nconst { out } = p;\nexport default { dialect: 'postgresql', out }",
        f"const p = {{ q: {PLAIN} }};\nconst {{ q }} = p;\nq.out = x();\nexport default q",
        f"const p = {{ q: {PLAIN} }};\nconst {{ q: r }} = p;\nr.out = x();\nconst {{ q }} = p;\nexport default q",
        f"const p = {PLAIN};\nconst d = dc(p);\nd.out = x();\nexport default p",
        "const { out } = out;\nexport default { dialect: 'postgresql', out }",
        f"const cfg = wrap;\nexport default cfg({PLAIN})",
        f"const cfg = on ? defineConfig : wrap;\nexport default cfg({PLAIN})",
        f"let cfg = defineConfig;\ncfg = wrap;\nexport default cfg({PLAIN})",
        f"const defineConfig = (c) => wrap(c);\nexport default defineConfig({PLAIN})",
        f"const {{ defineConfig }} = {{ defineConfig: wrap }};\nexport default defineConfig({PLAIN})",
        f"import {{ defineConfig }} from './own';\nexport default defineConfig({PLAIN})",
        f"import {{ wrap as defineConfig }} from 'drizzle-kit';\nexport default defineConfig({PLAIN})",
        f"import {{ type as defineConfig }} from 'drizzle-kit';\nexport default defineConfig({PLAIN})",
        f"import {{ defineConfig }} from './drizzle-kit';\nexport default defineConfig({PLAIN})",
        f"import {{ defineConfig }} from '@acme/drizzle-kit';\nexport default defineConfig({PLAIN})",
        f"import {{ defineConfig }} from 'npm:@acme/drizzle-kit';\nexport default defineConfig({PLAIN})",
        f"import defineConfig from './own';\nexport default defineConfig({PLAIN})",
        f"import * as kit from './own';\nexport default kit.defineConfig({PLAIN})",
        f"const kit = require('drizzle-kit');\nkit.defineConfig = wrap;\nmodule.exports = kit.defineConfig({PLAIN})",
        f"const {{ defineConfig }} = require('drizzle-kit').own;\nmodule.exports = defineConfig({PLAIN})",
        f"const kit = require('drizzle-kit')?.own;\nmodule.exports = kit.defineConfig({PLAIN})",
        "import { __dirname } from './own';\nexport default { dialect: 'postgresql', out: __dirname + '/m' }",
        "const { __dirname } = require('./own');\nexport default { dialect: 'postgresql', out: `${__dirname}/m` }",
        "const { x: { __dirname } } = require('./o');\nexport default { dialect: 'postgresql', out: `${__dirname}/m` }",
        f"import defineConfig = require('./own');\nexport default defineConfig({PLAIN})",
        f"const kit = import('drizzle-kit');\nexport default kit.defineConfig({PLAIN})",
        "export default { dialect: 'postgresql', out: fileURLToPath(new URL('/m', import.meta.url)) }",
        "export default { dialect: 'postgresql', out: new URL('./m', import.meta.url) }",
        "import { dirname } from 'path';\nexport default { dialect: 'postgresql', out: dirname(import.meta.url) }",
        f"let p = {PLAIN};\nfor (p.out of x) {{ }}\nexport default p",
        f"const p = {PLAIN};\n({{ out: p.out }} = x);\nexport default p",
        f"const p = {PLAIN}, q = on ? p : {{ }};\nq.out = x();\nexport default p",
        f"const a = b;\nconst b = a;\nexport default a({PLAIN})",
        f"{{ const {{ defineConfig: dc }} = require('drizzle-kit'); }}\nexport default dc({PLAIN})",
    ],
)
def test_what_may_be_another_is_not_guessed(text: str) -> None:
    match read_config("drizzle.config.ts", text.encode()):
        case DrizzleConfig(out=Unread()) | UnreadableConfig():
            pass
        case read:
            pytest.fail(str(read))


@pytest.mark.parametrize(
    "part",
    [
        "import ",
        "import a, { b } from 'c';\n",
        "const { a } = b;\n",
        "const a = b;\n",
        "const {",
        "a, ",
    ],
)
def test_names_take_no_longer_than_their_number(part: str) -> None:
    def read(size: int) -> None:
        ends = (f"import {{ {part * size} }} from 'x';", f"const {{ {part * size} }}: {part * size} = x;")
        text = "".join(ends) if part == "a, " else part * size
        read_config("drizzle.config.ts", f"{text}\nexport default {PLAIN}".encode())

    assert growth(read, 500) < LINEAR
