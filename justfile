python := ".venv/bin/python"
lock := "uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q pyproject.toml"

# What CI runs
check:
    bash .ci/run

test *arguments:
    {{python}} -m pytest {{arguments}}

format:
    {{python}} -m ruff format
    {{python}} -m ruff check --fix

# Run README's examples again and write them down, with the picture
readme:
    PYTHONPATH=src:tests {{python}} -c "import shown; shown.PICTURE.write_text(shown.picture(), encoding='utf-8')"
    PYTHONPATH=src {{python}} -m cogapp -r README.md

lock:
    {{lock}} --group build -o requirements.txt
    {{lock}} --group dev -o requirements-dev.txt
