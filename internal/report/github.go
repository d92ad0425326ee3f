package report

import (
	"io"
	"strconv"
	"strings"

	"why401/detectors"
)

// NewGitHub returns a Writer of GitHub's workflow commands, which become
// annotations of a run (GitHub, "Workflow commands"). GitHub shows ten errors and
// ten warnings of a step, so the worst come first and Top bounds the rest.
func NewGitHub(w io.Writer, opt Options) Writer { return whole{w, opt, writeGitHub} }

func writeGitHub(w io.Writer, m *Model, opt Options) error {
	var b []byte
	all := m.issues(ruleSet(opt))
	list := all
	if opt.Top > 0 {
		list = all[:min(len(all), opt.Top)]
	}
	for _, is := range list {
		b = append(b, "::"+gitHubLevel(is.severity)+" title=why401 "+property.Replace(is.id)...)
		if is.file != "" && is.file != "-" {
			b = append(b, ",file="+property.Replace(is.file)...)
			if is.line > 0 {
				b = append(strconv.AppendInt(append(b, ",line="...), is.line, 10), ",endLine="...)
				b = strconv.AppendInt(b, is.line, 10)
				if is.character > 0 {
					b = strconv.AppendInt(append(b, ",col="...), int64(is.character), 10)
				}
			}
		}
		b = append(b, "::"+data.Replace(is.text)+"\n"...)
	}
	if n := len(all) - len(list); n > 0 {
		b = append(b, "::notice title=why401::"+plural(int64(n), "finding")+" more: --top or --format jsonl shows all\n"...)
	}
	_, err := w.Write(b)
	return err
}

// data and property escape what would end a command or a part of it.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func gitHubLevel(s detectors.Severity) string {
	switch {
	case s == "":
		return "notice"
	case Rank(s) >= Rank(detectors.High):
		return "error"
	}
	return "warning"
}
