"""One question a script; each only draws what `study.results` and `study.inference` compute."""
