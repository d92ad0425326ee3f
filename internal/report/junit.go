package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"

	"why401/detectors"
)

// NewJUnit returns a Writer of JUnit's XML, as test reporters of CI systems read
// it: a test case for each log, one for the attacks and one for the refusals. A
// case fails if it holds a finding at or above opt.Fail; milder ones are its output.
func NewJUnit(w io.Writer, opt Options) Writer { return whole{w, opt, writeJUnit} }

const junitHead = `<?xml version="1.0" encoding="UTF-8"?><testsuites name="why401"`

// A testCase collects the findings of one log, or of one kind.
type testCase struct {
	class, name  string
	failed, told int
	failure, out bytes.Buffer
	err          error // why the log wasn't read to its end
}

const maxCaseLines = 1000 // of findings that a test case lists

func (c *testCase) add(is *issue, fail detectors.Severity) {
	line := is.text + "\n"
	if is.line > 0 {
		line = fmt.Sprintf("%s:%d: %s", is.file, is.line, line)
	}
	to, n := &c.out, &c.told
	if fail != "" && is.severity != "" && Rank(is.severity) >= Rank(fail) {
		to, n = &c.failure, &c.failed
	}
	if *n++; *n <= maxCaseLines {
		to.WriteString(line)
	}
}

func writeJUnit(w io.Writer, m *Model, opt Options) error {
	var cases []*testCase
	byName := map[string]*testCase{}
	get := func(class, name string) *testCase {
		c := byName[class+name]
		if c == nil {
			c = &testCase{class: class, name: name}
			byName[class+name] = c
			cases = append(cases, c)
		}
		return c
	}
	if m.Stats != nil {
		for i := range m.Stats.Files {
			get("why401.leaks", Clean(m.Stats.Files[i].Name)).err = m.Stats.Files[i].Err
		}
	}
	for _, is := range m.issues(ruleSet(opt)) {
		switch is.id[:4] {
		case "leak", "note":
			get("why401.leaks", is.file).add(&is, opt.Fail)
		case "spik":
			get("why401.attacks", "attacks").add(&is, opt.Fail)
		default:
			get("why401.causes", "refused requests").add(&is, opt.Fail)
		}
	}
	failures, errs := 0, 0
	for _, c := range cases {
		failures += min(c.failed, 1)
		if c.err != nil {
			errs++
		}
	}
	counts := fmt.Sprintf(` tests="%d" failures="%d" errors="%d"`, len(cases), failures, errs)
	var b bytes.Buffer
	b.WriteString(junitHead + counts + ">\n <testsuite name=\"why401\"" + counts + ">\n")
	for _, c := range cases {
		c.write(&b)
	}
	b.WriteString(" </testsuite>\n</testsuites>\n")
	_, err := w.Write(b.Bytes())
	return err
}

func (c *testCase) write(b *bytes.Buffer) {
	b.WriteString(`  <testcase classname="` + c.class + `" name="` + attribute(c.name) + `">`)
	if c.err != nil {
		b.WriteString("\n   <error message=\"" + attribute("cannot read it to its end: "+Clean(c.err.Error())) + `"/>`)
	}
	if c.failed > 0 {
		b.WriteString("\n   <failure message=\"" + plural(int64(c.failed), "finding") + `">`)
		_ = xml.EscapeText(b, c.failure.Bytes())
		if c.failed > maxCaseLines {
			b.WriteString("and " + strconv.Itoa(c.failed-maxCaseLines) + " more\n")
		}
		b.WriteString("</failure>")
	}
	if c.told > 0 {
		b.WriteString("\n   <system-out>")
		_ = xml.EscapeText(b, c.out.Bytes())
		b.WriteString("</system-out>")
	}
	b.WriteString("</testcase>\n")
}

func attribute(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
