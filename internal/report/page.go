package report

import (
	"bufio"
	"fmt"
	"strings"
)

// A page lays out a report. Every text is cleaned, and escaped where it must be:
// what is passed may come from a log.
type page interface {
	say(s string)           // a sentence
	alarm(colour, s string) // a sentence that matters
	heading(s string)
	table(t *Table)
	term(name, s string)   // something that the entries after it are about
	entry(label, s string) // of a term
	item(colour, s string) // of a list
	small(s string)        // what explains the rest
	gap()
	excerpt(file string, lines []Line) // in order; where some are left out a mark stands
	flush() error
}

// plainPage is text of 80 columns, for terminals and mail.
type plainPage struct {
	w     *bufio.Writer
	style Style
}

const lineWidth = 80

func (p *plainPage) print(s string)   { _, _ = p.w.WriteString(s) }
func (p *plainPage) say(s string)     { p.print(wrap(s, lineWidth, "", "")) }
func (p *plainPage) heading(s string) { p.print("\n" + p.style.Bold(s) + "\n") }
func (p *plainPage) table(t *Table)   { _ = t.Write(p.w, p.style, "  ") }
func (p *plainPage) gap()             { p.print("\n") }
func (p *plainPage) flush() error     { return p.w.Flush() }

func (p *plainPage) alarm(colour, s string) { p.coloured(colour, wrap(s, lineWidth, "", "")) }
func (p *plainPage) item(colour, s string)  { p.coloured(colour, wrap(s, lineWidth, "  ", "    ")) }
func (p *plainPage) small(s string)         { p.coloured(dim, wrap(s, lineWidth, "  ", "  ")) }

func (p *plainPage) entry(label, s string) {
	p.print(wrap(s, lineWidth, fmt.Sprintf("    %-8s", label), strings.Repeat(" ", 12)))
}

func (p *plainPage) term(name, s string) {
	p.print(strings.Replace(wrap(name+s, lineWidth, "  ", "  "), name, p.style.Bold(name), 1))
}

// coloured prints lines, each in colour from its first letter.
func (p *plainPage) coloured(colour, s string) {
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		text := strings.TrimLeft(line, " ")
		p.print(line[:len(line)-len(text)] + p.style.Colour(colour, text) + "\n")
	}
}

func (p *plainPage) excerpt(file string, lines []Line) {
	p.print("  " + Clean(file) + "\n")
	for i, l := range lines {
		if i > 0 && l.Number != lines[i-1].Number+1 {
			p.print("  --\n")
		}
		mark, s := " ", fmt.Sprintf("%7d  %s", l.Number, short(Clean(l.Text), 500))
		if l.Marked {
			mark, s = ">", p.style.Bold(s)
		}
		p.print("  " + mark + s + "\n")
	}
}

// markdownPage is Markdown, for summaries of CI runs and issues.
type markdownPage struct{ w *bufio.Writer }

func (p *markdownPage) print(s string)      { _, _ = p.w.WriteString(s) }
func (p *markdownPage) say(s string)        { p.print(escape(s) + "\n\n") }
func (p *markdownPage) alarm(_, s string)   { p.print("**" + escape(s) + "**\n\n") }
func (p *markdownPage) heading(s string)    { p.print("\n## " + escape(s) + "\n\n") }
func (p *markdownPage) term(name, s string) { p.print("**" + escape(name) + "**" + escape(s) + "\n\n") }
func (p *markdownPage) entry(label, s string) {
	p.print("- " + escape(label) + ": " + escape(s) + "\n")
}
func (p *markdownPage) item(_, s string) { p.print("- " + escape(s) + "\n") }
func (p *markdownPage) small(s string)   { p.print("\n" + escape(s) + "\n\n") }
func (p *markdownPage) gap()             { p.print("\n") }
func (p *markdownPage) flush() error     { return p.w.Flush() }

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

func alphanumeric(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }
