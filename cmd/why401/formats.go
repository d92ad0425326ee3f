package main

import (
	"bufio"
	"cmp"
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
many entries fit which format, what they were wrapped in, and where the first
line stands that fits none.`,
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
	tab := report.Table{Columns: []report.Column{{Name: "format"}, {Name: "entries", Right: true}, {Name: "wrapped in", Fit: true}, {Name: "note", Fit: true}}}
	var noZone []string
	for i := range stats.Files {
		f := &stats.Files[i]
		names := make([]string, 0, len(f.Formats))
		for name := range f.Formats {
			names = append(names, name)
		}
		slices.SortFunc(names, func(x, y string) int {
			return cmp.Or(cmp.Compare(f.Formats[y], f.Formats[x]), cmp.Compare(x, y))
		})
		wrappers := make([]string, 0, len(f.Wrappers))
		for name := range f.Wrappers {
			wrappers = append(wrappers, name)
		}
		slices.Sort(wrappers)
		tab.Title(f.Name)
		for k, name := range names {
			wrapped, note := "", ""
			if k == 0 {
				wrapped = strings.Join(wrappers, ", ")
			}
			if name == "text" {
				note = "no format fits; first at line " + report.Number(f.FirstBad)
			}
			tab.Row(name, report.Number(f.Formats[name]), wrapped, note)
		}
		if len(names) == 0 {
			tab.Row("-", "0", "", map[bool]string{true: "empty", false: "could not be read"}[f.Err == nil])
		}
		if f.Assumed&parsers.AssumedZone != 0 {
			noZone = append(noZone, f.Name)
		}
	}
	if err := tab.Write(out, a.style(a.out), ""); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, name := range noZone[:min(3, len(noZone))] {
		a.tell("%s: some times have no zone; --timezone names theirs", name)
	}
	if n := len(noZone) - 3; n > 0 {
		a.tell("and so in %s", count(n, "more file", "more files"))
	}
	return nil
}
