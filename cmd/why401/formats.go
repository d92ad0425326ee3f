package main

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/report"
	"why401/parsers"
)

func (a *app) formats() *cobra.Command {
	var r reading
	cmd := &cobra.Command{
		Use:   "formats [FILE]...",
		Short: "List the log formats, or tell how logs are read",
		Long: `Lists the formats that are known. With logs it tells how they were read: how
many entries fit which format, what they were wrapped in, and the first lines
that fit none, without credentials.`,
		Example: `  why401 formats
  why401 formats /var/log/nginx/access.log`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listFormats(r.format.own)
			}
			cfg := engine.Config{Mode: engine.Formats}
			if err := r.fill(&cfg); err != nil {
				return err
			}
			stats, err := engine.Run(cmd.Context(), a.open(args), cfg, newStream(a.out))
			if err != nil {
				return err
			}
			err = a.showFormats(stats)
			a.readAll(cmd.Context(), stats)
			return err
		},
	}
	r.add(cmd)
	return cmd
}

func (a *app) listFormats(own []*parsers.Parser) error {
	tab := report.Table{Columns: []report.Column{{Name: "format"}, {Name: "what it is", Fit: true}}}
	for _, p := range slices.Concat(own, parsers.All()) {
		title, _, _ := strings.Cut(p.Doc, "\n")
		tab.Row(p.Name, title)
	}
	return tab.Write(a.out, a.style(a.out), "")
}

func (a *app) showFormats(stats *engine.Stats) error {
	out := bufio.NewWriter(a.out)
	columns := []report.Column{{Name: "format"}, {Name: "entries", Right: true}, {Name: "wrapped in", Fit: true}, {Name: "note", Fit: true}}
	type row struct {
		file  string
		cells [4]string
	}
	var rows []row
	var used [4]bool
	for i := range stats.Files {
		f := &stats.Files[i]
		names := slices.SortedFunc(maps.Keys(f.Formats), func(x, y string) int {
			return cmp.Or(cmp.Compare(f.Formats[y], f.Formats[x]), cmp.Compare(x, y))
		})
		wrappers := slices.Sorted(maps.Keys(f.Wrappers))
		file := f.Name
		add := func(cells ...string) {
			r := row{file, [4]string(cells)}
			for k, c := range cells {
				used[k] = used[k] || c != ""
			}
			rows = append(rows, r)
			file = ""
		}
		for k, name := range names {
			wrapped, note := "", ""
			if k == 0 {
				wrapped = strings.Join(wrappers, ", ")
			}
			if name == "text" {
				note = "no format fits"
			}
			add(name, report.Number(f.Formats[name]), wrapped, note)
		}
		if len(names) == 0 {
			add("-", "0", "", map[bool]string{true: "empty", false: "could not be read"}[f.Err == nil])
		}
	}
	tab := report.Table{}
	for k, c := range columns {
		if used[k] {
			tab.Columns = append(tab.Columns, c)
		}
	}
	for _, r := range rows {
		if r.file != "" {
			tab.Title(r.file)
		}
		var cells []string
		for k, c := range r.cells {
			if used[k] {
				cells = append(cells, c)
			}
		}
		tab.Row(cells...)
	}
	if err := tab.Write(out, a.style(a.out), ""); err != nil {
		return err
	}
	writeBadLines(out, stats)
	if err := out.Flush(); err != nil {
		return err
	}
	a.noZones(stats)
	return nil
}

// writeBadLines shows the first lines of each log that fit no format.
func writeBadLines(out *bufio.Writer, stats *engine.Stats) {
	const width = 79
	title := "\nLines that fit no format\n"
	for i := range stats.Files {
		f := &stats.Files[i]
		for _, bad := range f.Bad {
			line := []rune(report.Clean(fmt.Sprintf("  %s:%d: %s", f.Name, bad.Line, bad.Text)))
			if len(line) > width {
				line = append(line[:width-3], []rune("...")...)
			}
			fmt.Fprintf(out, "%s%s\n", title, string(line))
			title = ""
		}
		if more := f.Unparsed - int64(len(f.Bad)); len(f.Bad) > 0 && more > 0 {
			fmt.Fprintf(out, "  and %s of %s\n", count(int(more), "other", "others"), report.Clean(f.Name))
		}
	}
}

// noZones tells in which logs times have no zone.
func (a *app) noZones(stats *engine.Stats) {
	var names []string
	for i := range stats.Files {
		if f := &stats.Files[i]; f.Assumed&parsers.AssumedZone != 0 {
			names = append(names, f.Name)
		}
	}
	for _, name := range names[:min(3, len(names))] {
		a.tell("%s: some times have no zone; --timezone names theirs", name)
	}
	if n := len(names) - 3; n > 0 {
		a.tell("and so in %s", count(n, "more file", "more files"))
	}
}
