package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"why401/detectors"
)

// NewGitLab returns a Writer of a Code Quality report, as GitLab's artifacts:
// reports: codequality takes it (GitLab, "Code Quality report format").
func NewGitLab(w io.Writer, opt Options) Writer { return whole{w, opt, writeGitLab} }

func writeGitLab(w io.Writer, m *Model, opt Options) error {
	o := object{[]byte("[")}
	seen := map[string]int{}
	for i, is := range m.issues(ruleSet(opt)) {
		if i > 0 {
			o.b = append(o.b, ",\n"...)
		}
		o.b = append(o.b, '{')
		o.string("check_name", "why401/"+is.id)
		o.string("description", is.text)
		o.string("severity", gitLabSeverity(is.severity))
		o.string("fingerprint", is.identity(seen))
		o.key("location")
		o.b = append(o.b, '{')
		path := is.file
		if path == "" { // every entry needs one
			path = "-"
		}
		o.string("path", path)
		o.key("lines")
		o.b = append(o.b, '{')
		o.int("begin", max(is.line, 1))
		o.b = append(o.b, "}}}"...)
	}
	_, err := w.Write(append(o.b, "]\n"...))
	return err
}

// identity is an id that no other entry has, and that the same entry has in the
// next run: the fingerprint of a leak outlasts its line's moving. It is made of
// what the report shows, and so tells nothing about a credential.
func (is *issue) identity(seen map[string]int) string {
	id := fmt.Sprintf("%s\n%s\n%s", is.id, is.file, is.fingerprint)
	if is.fingerprint == "" && is.severity != "" && is.column > 0 {
		id = fmt.Sprintf("%s\n%s\n%d:%d", is.id, is.file, is.line, is.column)
	}
	seen[id]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d", id, seen[id]))
	return hex.EncodeToString(sum[:16])
}

func gitLabSeverity(s detectors.Severity) string {
	switch s {
	case detectors.Critical:
		return "blocker"
	case detectors.High:
		return "critical"
	case detectors.Medium:
		return "major"
	case detectors.Low:
		return "minor"
	}
	return "info"
}
