// Gen writes the YAML files under rules/causes as Go source, so that a start of
// why401 reads no YAML. It is run by go generate in package rules.
package main

import (
	"errors"
	"fmt"
	"os"

	"why401/rules"
)

func main() {
	files, err := rules.Generate(os.DirFS("."))
	for name, text := range files {
		err = errors.Join(err, os.WriteFile(name, text, 0o666))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
