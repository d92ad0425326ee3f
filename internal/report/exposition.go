package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An Exposition writes a page of metrics in the text format of Prometheus
// (version 0.0.4). What it can't write, Flush says.
type Exposition struct{ w *bufio.Writer }

// NewExposition begins a page.
func NewExposition(w io.Writer) Exposition { return Exposition{bufio.NewWriter(w)} }

// Head begins a metric of many series; kind is gauge or counter.
func (x Exposition) Head(name, kind, help string) {
	_, _ = fmt.Fprintf(x.w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// escapes are those of label values.
var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// Value adds a series to the metric whose head was last.
func (x Exposition) Value(name, label, value string, n float64) {
	_, _ = fmt.Fprintf(x.w, "%s{%s=\"%s\"} %s\n", name, label, escapes.Replace(Clean(value)), strconv.FormatFloat(n, 'f', -1, 64))
}

// Single writes a metric of one series.
func (x Exposition) Single(name, kind, help string, n float64) {
	x.Head(name, kind, help)
	_, _ = fmt.Fprintf(x.w, "%s %s\n", name, strconv.FormatFloat(n, 'f', -1, 64))
}

// Flush ends the page.
func (x Exposition) Flush() error { return x.w.Flush() }
