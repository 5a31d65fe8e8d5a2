"""Writes a Grafana dashboard as TypeScript whose types are those of @grafana/schema: tsc says what does not fit."""

import json
import sys

HEAD = """import type { Dashboard, Panel } from '@grafana/schema';
import type * as stat from './node_modules/@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/types.gen';
import type * as timeseries from './node_modules/@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/types.gen';
import type * as statetimeline from './node_modules/@grafana/schema/dist/types/raw/composable/statetimeline/panelcfg/x/types.gen';

// An enumeration's value is a plain text in JSON.
type Plain<T> = T extends string ? `${T}` : T extends number | boolean | null | undefined ? T
    : T extends Array<infer U> ? Array<Plain<U>> : unknown extends T ? unknown : { [K in keyof T]: Plain<T[K]> };
"""


def constant(name, kind, value):
    print(f"const {name}: {kind} = {json.dumps(value, indent=1)};")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        dashboard = json.load(file)
    # Grafana writes these too, and its types do not know them.
    for variable in dashboard["templating"]["list"]:
        variable.pop("definition", None)
    for annotation in dashboard["annotations"]["list"]:
        for field in ("expr", "titleFormat", "step"):
            annotation.pop(field, None)
    panels = dashboard.pop("panels")
    print(HEAD)
    constant("dashboard", "Plain<Omit<Dashboard, 'panels'>>", dashboard)
    for panel in panels:
        if panel["type"] == "row":
            continue
        kind = panel["type"].replace("-", "")
        number = panel["id"]
        constant(f"options{number}", f"Plain<Partial<{kind}.Options>>", panel.pop("options"))
        custom = panel["fieldConfig"]["defaults"].get("custom")
        if custom is not None:
            constant(f"custom{number}", f"Plain<Partial<{kind}.FieldConfig>>", custom)
        constant(f"panel{number}", "Plain<Omit<Panel, 'options'>>", panel)


main()
