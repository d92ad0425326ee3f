package report

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// A Table is a plain table: columns two blanks apart, no lines.
type Table struct {
	Columns []Column
	rows    []row
}

// A Column says how to show its cells.
type Column struct {
	Name  string
	Right bool // align right, for numbers
	Fit   bool // break cells into lines where the table would be wider than the page
	Share bool // cells are shares, which a page may draw
}

// A row is one line of a table, or a title above those that follow.
type row struct {
	cells   []string
	colours []string // nil for none
	title   bool     // one cell, across all columns
}

// Row appends cells, cleaned of whatever a terminal would obey.
func (t *Table) Row(cells ...string) {
	for i, c := range cells {
		cells[i] = Clean(c)
	}
	t.rows = append(t.rows, row{cells: cells})
}

// Title adds a line of its own above the rows that follow, which are indented.
func (t *Table) Title(s string) { t.rows = append(t.rows, row{cells: []string{Clean(s)}, title: true}) }

// Colour colours one cell of the last row, where colours are shown.
func (t *Table) Colour(column int, code string) {
	r := &t.rows[len(t.rows)-1]
	if r.colours == nil {
		r.colours = make([]string, len(r.cells))
	}
	r.colours[column] = code
}

// Write renders the table, each line after indent.
func (t *Table) Write(w io.Writer, style Style, indent string) error {
	align := make([]tw.Align, len(t.Columns))
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		align[i], names[i] = tw.AlignLeft, style.Dim(c.Name)
		if c.Right {
			align[i] = tw.AlignRight
		}
	}
	var buf bytes.Buffer
	off := tw.Off
	table := tablewriter.NewTable(&buf,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Settings: tw.Settings{
				Lines:      tw.Lines{ShowTop: off, ShowBottom: off, ShowHeaderLine: off, ShowFooterLine: off},
				Separators: tw.Separators{ShowHeader: off, ShowFooter: off, BetweenRows: off, BetweenColumns: off},
			},
		})),
		tablewriter.WithHeaderAutoFormat(off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(off),
		tablewriter.WithPadding(tw.Padding{Right: "  ", Overwrite: true}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
	)
	table.Header(names)
	rowIndent := indent
	if slices.ContainsFunc(t.rows, func(r row) bool { return r.title }) {
		rowIndent += "  "
	}
	limits := t.limits(style.columns() - len(rowIndent))
	titles := map[int]string{} // by the line that they stand above
	n := 1
	for _, r := range t.rows {
		if r.title {
			titles[n] += indent + style.Bold(r.cells[0]) + "\n"
			continue
		}
		for _, cells := range r.broken(limits, style) {
			n++
			if err := table.Append(cells); err != nil {
				return err
			}
		}
	}
	if err := table.Render(); err != nil {
		return err
	}
	// The library resets colours after the padding of coloured cells too.
	n = 0
	for line := range bytes.Lines(bytes.ReplaceAll(buf.Bytes(), []byte(" \x1b[0m"), []byte(" "))) {
		if _, err := io.WriteString(w, titles[n]+rowIndent+strings.TrimRight(string(line), " \n")+"\n"); err != nil {
			return err
		}
		n++
	}
	return nil
}

// broken returns the lines of r, no cell wider than its limit.
func (r *row) broken(limits []int, style Style) (lines [][]string) {
	for j, c := range r.cells {
		parts := []string{c}
		if limits[j] > 0 && width(c) > limits[j] {
			parts = fold(c, limits[j])
		}
		for i, part := range parts {
			if i == len(lines) {
				lines = append(lines, make([]string, len(r.cells)))
			}
			if r.colours != nil {
				part = style.Colour(r.colours[j], part)
			}
			lines[i][j] = part
		}
	}
	return lines
}

// fold breaks s into lines of at most n columns.
func fold(s string, n int) []string {
	return strings.Split(strings.TrimSuffix(wrap(s, n, "", ""), "\n"), "\n")
}

// limits returns the width at which the cells of each column are broken, 0 for
// none: the last columns first, words and other columns only where nothing
// else helps.
func (t *Table) limits(page int) []int {
	limits, words := make([]int, len(t.Columns)), make([]int, len(t.Columns))
	total := -2
	for j, c := range t.Columns {
		limits[j] = width(c.Name)
		for _, r := range t.rows {
			if r.title {
				continue
			}
			limits[j] = max(limits[j], width(r.cells[j]))
			for word := range strings.FieldsSeq(r.cells[j]) {
				words[j] = max(words[j], width(word))
			}
		}
		total += limits[j] + 2
	}
	cut := make([]int, len(t.Columns))
	narrow := func(j, to int) {
		if w := max(limits[j]-(total-page), width(t.Columns[j].Name), to); w < limits[j] {
			total -= limits[j] - w
			limits[j], cut[j] = w, w
		}
	}
	for step := range 3 {
		for j := len(t.Columns) - 1; j >= 0 && total > page; j-- {
			switch c := &t.Columns[j]; {
			case step == 0 && c.Fit:
				narrow(j, max(words[j], 6))
			case step == 1 && c.Fit:
				narrow(j, 12)
			case step == 2 && !c.Right:
				narrow(j, 9)
			}
		}
	}
	return cut
}

// A Style says what the reader's terminal can show.
type Style struct {
	Colours bool
	Width   int  // columns; 0 means those of a mail
	ASCII   bool // no other characters in what is drawn
}

const (
	TerminalWidth = 80
	mailWidth     = 72
)

func (st Style) columns() int { return cmp.Or(st.Width, mailWidth) }

// Colours, by meaning.
const (
	red    = "31" // act now
	yellow = "33" // look at it
	bold   = "1"
	dim    = "2"
)

// Colour returns s in the colour of an SGR code.
func (st Style) Colour(code, s string) string {
	if !st.Colours || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Bold and Dim return s so.
func (st Style) Bold(s string) string { return st.Colour(bold, s) }

// Dim is for what explains the rest.
func (st Style) Dim(s string) string { return st.Colour(dim, s) }

// IsTerminal reports whether f is a terminal.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0 && f.Name() != os.DevNull
}

// wrap cleans text and breaks it into lines of at most n columns, the first
// after first and the others after rest. Words stay whole unless a line can't
// hold them.
func wrap(text string, n int, first, rest string) string {
	var b strings.Builder
	b.WriteString(first)
	col, fresh := width(first), true
	for word := range strings.FieldsSeq(Clean(text)) {
		w := width(word)
		switch {
		case fresh:
		case col+1+w > n:
			b.WriteString("\n" + rest)
			col = width(rest)
		default:
			b.WriteByte(' ')
			col++
		}
		for col+w > n && n-col >= minBreak {
			head := cutWord(word, n-col)
			b.WriteString(head + "\n" + rest)
			word, col = word[len(head):], width(rest)
			w = width(word)
		}
		b.WriteString(word)
		col, fresh = col+w, false
	}
	b.WriteByte('\n')
	return b.String()
}

// minBreak is the narrowest room in which long words are broken.
const minBreak = 6

// cutWord returns what of a word fits n columns, if it can to the end of a slash.
func cutWord(word string, n int) string {
	col := 0
	for i, r := range word {
		if col += runeWidth(r); col > n && i > 0 {
			if slash := strings.LastIndexByte(word[:i], '/'); slash > i/3 {
				return word[:slash+1]
			}
			return word[:i]
		}
	}
	return word
}

func width(s string) (n int) {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		n += runeWidth(r)
		s = s[size:]
	}
	return n
}

// runeWidth is a rune's columns on a terminal, as far as cutting cells needs it.
func runeWidth(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		return 0
	case r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 ||
		r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd):
		return 2
	}
	return 1
}
