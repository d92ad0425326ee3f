package report

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"

	"why401/internal/engine"
	"why401/parsers"
	"why401/rules"
)

// AppendCause appends what is known about a cause, for people.
func AppendCause(dst []byte, set *rules.Set, c rules.Cause, style Style) []byte {
	info := set.Info(c)
	var b strings.Builder
	b.WriteString(style.Bold(c.String()))
	if info.Title != "" {
		b.WriteString(": " + Clean(info.Title))
	}
	b.WriteByte('\n')
	if c == rules.None {
		b.WriteString("\nNothing failed.\n")
	}
	for _, p := range []struct{ name, text string }{
		{"", info.Meaning}, {"How it shows", info.Shows}, {"What the client can do", info.Client},
		{"What the server can do", info.Server}, {"What a proxy or gateway can do", info.Proxy},
	} {
		if p.text == "" {
			continue
		}
		b.WriteByte('\n')
		indent := ""
		if p.name != "" {
			b.WriteString(style.Bold(p.name) + "\n")
			indent = "  "
		}
		for para := range strings.SplitSeq(strings.TrimSpace(p.text), "\n\n") {
			b.WriteString(wrap(strings.Join(strings.Fields(para), " "), TerminalWidth, indent, indent))
		}
	}
	n := 0
	for _, r := range set.Rules() {
		if r.Cause == c {
			n++
		}
	}
	if n > 0 {
		fmt.Fprintf(&b, "\n%s: why401 rules list %s\n", plural(int64(n), "rule finds it", "rules find it"), c)
	}
	for i, ref := range info.References {
		if i == 0 {
			b.WriteByte('\n')
		}
		b.WriteString(style.Dim(Clean(ref)) + "\n")
	}
	return append(dst, b.String()...)
}

// AppendExplanation appends x for people; steps says to show everything that
// was read and weighed. Without steps the text must pass a Remedies.
func AppendExplanation(dst []byte, x *engine.Explanation, opt Options, steps bool) []byte {
	r, v := x.Record, &x.Verdict
	clean := func(p []byte) string { return Clean(string(x.Clean(p))) }
	var b strings.Builder
	row := func(name, value string) { b.WriteString(labelled(name, value)) }
	head := fmt.Sprintf("%s:%d", Clean(x.File), r.Line)
	if r.Lines > 1 {
		head += fmt.Sprintf("-%d", r.Line+int64(r.Lines)-1)
	}
	verdict := v.Cause.String()
	if v.Cause == rules.None {
		verdict = "nothing failed"
	}
	b.WriteString(head + "  " + opt.Style.Bold(verdict))
	if v.Cause != rules.None {
		fmt.Fprintf(&b, ", %s", sureness(v.Confidence))
	}
	b.WriteByte('\n')
	info := ruleSet(opt).Info(v.Cause)
	if v.Cause != rules.None {
		row("means", info.Title)
	}
	row("said", v.Evidence)
	name := "seen"
	for _, s := range x.Seen {
		row(name, Clean(s))
		name = ""
	}
	format := "text: no format fits"
	if r.Format != nil {
		format = r.Format.Name
	}
	if len(r.Wrappers) > 0 {
		format += " in " + strings.Join(r.Wrappers, " in ")
	}
	row("read as", format)
	if steps {
		fieldsOf(r, opt, clean, row)
	} else {
		row("request", request(r, clean))
	}
	row("rule", v.Rule)
	if steps {
		weighed(r, opt, row)
	}
	var others []string
	for _, c := range v.Candidates {
		if c.Cause != v.Cause {
			others = append(others, fmt.Sprintf("%s (%.2g)", c.Cause, c.Weight))
		}
	}
	if len(others) > 0 {
		row("or", strings.Join(others, ", "))
	}
	for i := range x.Notes {
		row("note", Clean(x.Notes[i].Message))
	}
	dst = append(dst, b.String()...)
	if steps {
		dst = append(dst, remedies(info, false)...)
	} else {
		dst = append(append(append(dst, remedyMark), v.Cause.String()...), '\n')
	}
	return append(dst, '\n')
}

// remedyMark begins a line that holds the name of a cause, where its remedies
// belong. No text holds such a byte once it is cleaned.
const remedyMark = 0

// A Remedies puts remedies into explanations for people: those of a cause once,
// where it comes first. Its zero value with a rule set is ready.
type Remedies struct {
	Rules *rules.Set
	told  [rules.NumCauses]bool
}

// Append appends p, whole lines of explanations, with remedies.
func (r *Remedies) Append(dst, p []byte) []byte {
	for line := range bytes.Lines(p) {
		if line[0] != remedyMark {
			dst = append(dst, line...)
			continue
		}
		if c, ok := rules.ParseCause(string(bytes.TrimSuffix(line[1:], []byte("\n")))); ok && !r.told[c] {
			r.told[c] = true
			dst = append(dst, remedies(r.Rules.Info(c), true)...)
		}
	}
	return dst
}

// remedies says what each who can act should do.
func remedies(info rules.Info, brief bool) string {
	var b strings.Builder
	for _, to := range []struct{ who, do string }{{"client", info.Client}, {"server", info.Server}, {"proxy", info.Proxy}} {
		if brief {
			to.do = firstSentences(to.do, 140)
		}
		b.WriteString(labelled(to.who, to.do))
	}
	return b.String()
}

// labelled returns value after its name, wrapped; nothing if there is none.
func labelled(name, value string) string {
	if value == "" {
		return ""
	}
	return wrap(value, TerminalWidth, fmt.Sprintf("  %-9s ", name), strings.Repeat(" ", 12))
}

func ruleSet(opt Options) *rules.Set {
	if opt.Rules == nil {
		return rules.Builtin()
	}
	return opt.Rules
}

// maxWeighed is how many rules an explanation lists.
const maxWeighed = 20

// weighed shows which rules the entry called up, in their order, and why they
// lost or won.
func weighed(r *parsers.Record, opt Options, row func(name, value string)) {
	name := "weighed"
	list := rules.NewClassifier(ruleSet(opt)).Trace(r)
	for i, s := range list {
		if i == maxWeighed {
			row(name, fmt.Sprintf("and %s", plural(int64(len(list)-i), "rule more", "rules more")))
			break
		}
		verdict := "won"
		if !s.Won {
			verdict = s.Lost
		}
		row(name, fmt.Sprintf("%s (%s, %d): %s", s.Rule, s.Tier, s.Order, verdict))
		name = ""
	}
}

// sureness says a confidence in words and figures.
func sureness(c float32) string {
	word := "a guess"
	switch {
	case c >= 0.9:
		word = "nearly sure"
	case c >= 0.7:
		word = "likely"
	case c >= 0.4:
		word = "perhaps"
	}
	return fmt.Sprintf("%s (%.2f)", word, c)
}

// request is the request in one line, as far as the entry tells it.
func request(r *parsers.Record, clean func([]byte) string) string {
	var parts []string
	add := func(prefix string, p []byte) {
		if len(p) > 0 {
			parts = append(parts, prefix+clean(p))
		}
	}
	add("", r.Method)
	add("", r.Path)
	if r.Status != 0 {
		parts = append(parts, fmt.Sprint(r.Status))
	}
	add("from ", r.Client)
	add("as ", r.User)
	return strings.Join(parts, " ")
}

// fieldsOf shows every field that was read.
func fieldsOf(r *parsers.Record, opt Options, clean func([]byte) string, row func(name, value string)) {
	if r.Time != 0 {
		at := time.Unix(0, r.Time).In(cmp.Or(opt.Zone, time.UTC)).Format(time.RFC3339Nano)
		if r.Assumed != 0 {
			var what []string
			for i, name := range []string{"zone", "year", "date"} {
				if r.Assumed&(1<<i) != 0 {
					what = append(what, name)
				}
			}
			at += " (assumed: " + strings.Join(what, ", ") + ")"
		}
		row("time", at)
	}
	for _, f := range []struct {
		name  string
		value []byte
	}{
		{"client", r.Client}, {"user", r.User}, {"method", r.Method}, {"url", r.URL}, {"path", r.Path}, {"domain", r.Domain},
		{"agent", r.UserAgent}, {"origin", r.Origin}, {"request", r.RequestID}, {"trace", r.TraceID}, {"level", r.Level},
		{"logger", r.Logger}, {"message", r.Message}, {"code", r.Code}, {"error", r.ErrorType}, {"challenge", r.Challenge},
		{"scheme", r.Scheme}, {"upstream", r.Upstream},
	} {
		if len(f.value) > 0 {
			row(f.name, clean(f.value))
		}
	}
	if r.Status != 0 {
		row("status", fmt.Sprint(r.Status))
	}
	row("sent", [...]string{"", "no credentials", "credentials"}[r.Sent])
	row("outcome", [...]string{"", "success", "failure"}[r.Outcome])
	for i := range r.Attrs {
		if a := &r.Attrs[i]; a.Parent < 0 && a.Kind != parsers.Object && a.Kind != parsers.Array && len(a.Value) > 0 {
			row("attr", clean(a.Key)+" = "+short(clean(a.Value), 200))
		}
	}
}
