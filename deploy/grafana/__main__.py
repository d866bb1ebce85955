"""`python -m deploy.grafana`: make the dashboards of deploy/grafana/boards anew, into deploy/grafana/dashboards."""

import sys

from deploy.grafana.rendered import FOLDER, rendered

for name, text in rendered().items():
    (FOLDER / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{FOLDER / name}\n")
