package report

import (
	"bufio"
	"fmt"
	"strings"
)

// markdownPage is Markdown, for summaries of CI runs and issues.
type markdownPage struct{ w *bufio.Writer }

func (p *markdownPage) print(s string)    { _, _ = p.w.WriteString(s) }
func (p *markdownPage) say(s string)      { p.print(escape(s) + "\n\n") }
func (p *markdownPage) alarm(_, s string) { p.print("**" + escape(s) + "**\n\n") }
func (p *markdownPage) heading(s string)  { p.print("\n## " + escape(s) + "\n\n") }
func (p *markdownPage) figures([]Figure)  {}
func (p *markdownPage) term(name string, facts ...string) {
	p.print("**" + escape(name) + "**: " + escape(joined(facts)) + "\n\n")
}

func (p *markdownPage) entry(label, s string)  { p.labelled(label, escape(s)) }
func (p *markdownPage) advice(label, s string) { p.labelled(label, escapeProse(s)) }

func (p *markdownPage) labelled(label, s string) {
	if s != "" {
		p.print("- " + escape(label) + ": " + s + "\n")
	}
}

func (p *markdownPage) item(_, s string) { p.print("- " + escape(s) + "\n") }
func (p *markdownPage) small(s string)   { p.print("\n" + escape(s) + "\n\n") }
func (p *markdownPage) gap()             { p.print("\n") }
func (p *markdownPage) columns() int     { return 48 }
func (p *markdownPage) full() bool       { return false }
func (p *markdownPage) flush() error     { return p.w.Flush() }

func (p *markdownPage) chart(c *Chart) {
	tab := c.table(inline)
	tab.Columns[1].Name = c.label(c.Columns[0]) + " to " + c.label(c.End)
	p.table(tab)
	p.small(c.caption() + ", each line by a scale of its own.")
}

func (p *markdownPage) tables(list []*Table) {
	for _, t := range list {
		p.table(t)
	}
}

func (p *markdownPage) table(t *Table) {
	for i, c := range t.Columns {
		p.print("| " + escape(c.Name) + map[bool]string{true: " |\n", false: " "}[i == len(t.Columns)-1])
	}
	for _, c := range t.Columns {
		p.print(map[bool]string{true: "|--:", false: "|---"}[c.Right])
	}
	p.print("|\n")
	for _, r := range t.rows {
		for _, cell := range r.cells {
			p.print("| " + escape(cell) + " ")
		}
		p.print("|\n")
	}
	p.print("\n")
}

func (p *markdownPage) excerpt(file string, lines []Line) {
	p.print("\n" + escape(file) + "\n\n")
	for i, l := range lines {
		if i > 0 && l.Number != lines[i-1].Number+1 {
			p.print("    --\n")
		}
		p.print(fmt.Sprintf("    %7d  %s\n", l.Number, short(Clean(l.Text), 500)))
	}
	p.print("\n")
}

// escape cleans s and takes from its characters whatever meaning they have in
// Markdown or HTML.
func escape(s string) string {
	s = Clean(s)
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; c {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '@': // a name after it would be told
			b.WriteString("@\u2060")
		case '_': // within a word it means nothing
			if i == 0 || i+1 == len(s) || !alphanumeric(s[i-1]) || !alphanumeric(s[i+1]) {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		case '\\', '`', '*', '[', ']', '|', '#', '~', '!', '$':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escapeProse is escape for text in which backquotes mark code, and no table.
func escapeProse(s string) string {
	parts := strings.Split(Clean(s), "`")
	if len(parts)%2 == 0 { // one of them has no partner
		return escape(s)
	}
	for i := range parts {
		if i%2 == 0 {
			parts[i] = escape(parts[i])
		}
	}
	return strings.Join(parts, "`")
}

func alphanumeric(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }
