package engine

import (
	"bytes"
	"strings"
)

// isReport reports whether a file that begins with head was written by why401, in
// any of its formats: a report in a folder of logs is not one of them.
func isReport(head []byte) bool {
	line, _, _ := bytes.Cut(head[:min(len(head), 1<<10)], []byte("\n"))
	s := string(line)
	for _, begin := range []string{
		"type,time,end,severity,cause,", `{"findings":[`, `{"type":"cause","file":`, `{"type":"leak","file":`, `{"type":"explanation","file":`,
		`{"type":"spike","id":`, `{"type":"note","id":`, `{"type":"summary","files":`, `{"$schema":"https://json.schemastore.org/sarif`,
		"No credential in ", `<?xml version="1.0" encoding="UTF-8"?><testsuites name="why401"`, `[{"check_name":"why401/`, `{"type":"why401-baseline"`,
		"<!doctype html><!-- why401 report -->", "# HELP why401_", "::error title=why401", "::warning title=why401", "::notice title=why401",
	} {
		if strings.HasPrefix(s, begin) {
			return true
		}
	}
	// "Read 2 files, 9 lines, ..." and "**3 credentials in 2 files, ..."
	count := strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(s, "*"), "Read "), "0123456789,")
	if strings.HasPrefix(s, "Read ") {
		return (strings.HasPrefix(count, " line") || strings.HasPrefix(count, " file")) && strings.Contains(s, " line")
	}
	return len(count) < len(s) && strings.HasPrefix(count, " credential") && strings.Contains(s, " in ")
}
