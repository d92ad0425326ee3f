package report

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
)

// A page lays out a report. Every text is cleaned, and escaped where it must be:
// what is passed may come from a log.
type page interface {
	say(s string)           // a sentence
	alarm(colour, s string) // a sentence that matters
	heading(s string)
	table(t *Table)
	tables(list []*Table) // of like columns
	chart(c *Chart)
	columns() int                      // of a chart
	figures(list []Figure)             // at the head; the sentences around them say the same
	term(name string, facts ...string) // something that the entries after it are about; empty facts are left out
	entry(label, s string)             // of a term; nothing where s is empty
	advice(label, s string)            // an entry in words of ours, in which backquotes mark code
	item(colour, s string)             // of a list
	small(s string)                    // what explains the rest
	gap()
	excerpt(file string, lines []Line) // in order; where some are left out a mark stands
	full() bool                        // there is room for what is less likely to be needed
	flush() error
}

// plainPage is text, for terminals and mail.
type plainPage struct {
	w     *bufio.Writer
	style Style
}

func (p *plainPage) print(s string)   { _, _ = p.w.WriteString(s) }
func (p *plainPage) say(s string)     { p.print(wrap(s, p.style.columns(), "", "")) }
func (p *plainPage) heading(s string) { p.print("\n" + p.style.Bold(s) + "\n") }
func (p *plainPage) table(t *Table)   { _ = t.Write(p.w, p.style, "  ") }
func (p *plainPage) gap()             { p.print("\n") }
func (p *plainPage) full() bool       { return false }
func (p *plainPage) flush() error     { return p.w.Flush() }

// columns is what the longest name of a cause leaves free.
func (p *plainPage) columns() int { return p.style.columns() - 39 }

func (p *plainPage) chart(c *Chart) {
	pencil := blocks
	if p.style.ASCII {
		pencil = ascii
	}
	p.table(c.table(pencil))
	p.small(c.caption() + ", each line by a scale of its own.")
}

// tables puts them into one, under their names.
func (p *plainPage) tables(list []*Table) {
	all := Table{Columns: slices.Clone(list[0].Columns)}
	all.Columns[0].Name = ""
	for _, t := range list {
		all.Title(t.Columns[0].Name + "s")
		all.rows = append(all.rows, t.rows...)
	}
	p.table(&all)
}

func (p *plainPage) alarm(colour, s string) { p.coloured(colour, wrap(s, p.style.columns(), "", "")) }
func (p *plainPage) item(colour, s string) {
	p.coloured(colour, wrap(s, p.style.columns(), "  ", "    "))
}
func (p *plainPage) small(s string) { p.coloured(dim, wrap(s, p.style.columns(), "  ", "  ")) }

func (p *plainPage) advice(label, s string) { p.entry(label, s) }

func (p *plainPage) entry(label, s string) {
	if s == "" {
		return
	}
	p.print(wrap(s, p.style.columns(), fmt.Sprintf("    %-9s", label), strings.Repeat(" ", 13)))
}

func (p *plainPage) figures([]Figure) {}

func (p *plainPage) term(name string, facts ...string) {
	p.print(strings.Replace(wrap(name+": "+joined(facts), p.style.columns(), "  ", "  "), name, p.style.Bold(name), 1))
}

// joined joins what isn't empty.
func joined(facts []string) string {
	return strings.Join(slices.DeleteFunc(facts, func(s string) bool { return s == "" }), "; ")
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
