// Gen writes the YAML files under rules/causes as Go source, so that a start of
// why401 reads no YAML. It is run by go generate in package rules.
package main

import (
	"bytes"
	"fmt"
	"os"

	"why401/rules"
)

func main() {
	src, err := rules.Generate(os.DirFS("."))
	if err == nil && !bytes.Equal(src, []byte{}) {
		err = os.WriteFile("zz_builtin.go", src, 0o666)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
