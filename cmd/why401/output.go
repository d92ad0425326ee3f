package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/spf13/cobra"

	"why401/detectors/leak"
	"why401/internal/engine"
	"why401/internal/report"
	"why401/internal/settings"
)

func patternOK(s string) bool { return doublestar.ValidatePattern(s) }

// A maker makes the Writer of one format.
type maker func(w io.Writer, opt report.Options) report.Writer

// A layout is one value of --format.
type layout struct {
	name string
	ends []string // endings of file names that mean it
	make maker
}

// layouts are the formats of reports, the default first; those for people are the
// command's own.
func layouts(table, markdown, html maker) []layout {
	return []layout{
		{"table", []string{".txt"}, table},
		{"json", []string{".json"}, func(w io.Writer, _ report.Options) report.Writer { return report.NewJSON(w) }},
		{"jsonl", []string{".jsonl", ".ndjson"}, func(w io.Writer, _ report.Options) report.Writer { return report.NewJSONL(w) }},
		{"csv", []string{".csv"}, func(w io.Writer, _ report.Options) report.Writer { return report.NewCSV(w) }},
		{"markdown", []string{".md"}, markdown},
		{"html", []string{".html", ".htm"}, html},
		{"prometheus", []string{".prom"}, report.NewPrometheus},
		{"sarif", []string{".sarif"}, report.NewSARIF},
		{"junit", []string{".xml"}, report.NewJUnit},
		{"gitlab", nil, report.NewGitLab},
		{"github", nil, report.NewGitHub},
	}
}

// writing are the flags that say what is written where.
type writing struct {
	canary  *leak.Finder // of lines around, for nothing of it to be shown
	layouts []layout
	format  choice
	outputs []string
	top     number
	context number
	files   []*outFile
	mute    bool     // standard output is for something else
	wait    *os.File // what standard output gets in the end; nil if it doesn't wait
}

// add adds the flags; top is the default of --top.
func (o *writing) add(cmd *cobra.Command, top int, table, markdown, html maker) {
	o.layouts = layouts(table, markdown, html)
	for _, l := range o.layouts {
		o.format.valid = append(o.format.valid, l.name)
	}
	o.format.value = o.layouts[0].name
	f := cmd.Flags()
	f.Var(&o.format, "format", "what standard output gets: "+list(o.format.valid))
	o.format.complete(cmd, "format")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "write a `file` too, in the format of its ending or as format=path; repeatable")
	settings.ByHand(f, "output")
	o.top, o.context = number{n: top, min: 1, max: math.MaxInt}, number{max: 100}
	f.Var(&o.top, "top", "lines of each table")
	f.Var(&o.context, "context", "show the log's lines too, redacted, with this many `lines` before and after (table)")
}

// open returns the writers for standard output and every --output.
func (o *writing) open(ctx context.Context, a *app, opt report.Options) ([]report.Writer, error) {
	opt.Top = o.top.n
	if o.context.set {
		opt.Around = around(ctx, o.context.n, o.canary, a.names.own)
	}
	var writers []report.Writer
	if (!a.quiet || o.wait != nil) && !o.mute {
		opt := opt
		opt.Style = a.style(a.out)
		i := slices.IndexFunc(o.layouts, func(l layout) bool { return l.name == o.format.value })
		writers = append(writers, o.layouts[i].make(cmp.Or(o.wait, a.out), opt))
		if name := os.Getenv("GITHUB_STEP_SUMMARY"); name != "" && o.format.value == "github" {
			w, err := o.summary(name, opt)
			if err != nil {
				return nil, err
			}
			writers = append(writers, w)
		}
	}
	for _, path := range o.outputs {
		l, path, err := o.layout(path)
		if err != nil {
			return nil, err
		}
		f, err := createFile(path)
		if err != nil {
			return nil, err
		}
		o.files = append(o.files, f)
		writers = append(writers, l.make(f.tmp, opt))
	}
	return writers, nil
}

// summary adds the report as Markdown to the file from which GitHub makes the
// summary of a job.
func (o *writing) summary(name string, opt report.Options) (report.Writer, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return nil, cannotWrite(name, err)
	}
	o.files = append(o.files, &outFile{tmp: f})
	opt.Style = report.Style{}
	i := slices.IndexFunc(o.layouts, func(l layout) bool { return l.name == "markdown" })
	return o.layouts[i].make(f, opt), nil
}

// layout finds the format of an --output.
func (o *writing) layout(arg string) (l layout, path string, err error) {
	if name, path, ok := strings.Cut(arg, "="); ok {
		for _, l := range o.layouts {
			if l.name == name {
				return l, path, nil
			}
		}
	}
	for _, l := range o.layouts {
		if slices.Contains(l.ends, strings.ToLower(filepath.Ext(arg))) {
			return l, arg, nil
		}
	}
	return l, "", hint(fmt.Errorf("cannot tell the format of --output %s", arg),
		"write it as format=path, with one of "+list(o.format.valid))
}

// close puts the files in their places, or throws them away if the run failed.
func (o *writing) close(err error) error {
	errs := []error{err}
	for _, f := range o.files {
		errs = append(errs, f.close(err == nil))
	}
	o.files = nil
	return errors.Join(errs...)
}

// An outFile is written under a temporary name and gets its own when it is whole.
type outFile struct {
	path string
	tmp  *os.File
}

func createFile(path string) (*outFile, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, hint(fmt.Errorf("cannot write %s: is a folder", path), "name a file in it")
	} else if err == nil && !info.Mode().IsRegular() { // a pipe or device: nothing to rename
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &outFile{tmp: f}, cannotWrite(path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	return &outFile{path: path, tmp: f}, nil
}

func (f *outFile) close(keep bool) error {
	if f.path == "" {
		return f.tmp.Close()
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(f.path); err == nil {
		mode = info.Mode().Perm()
	}
	err := errors.Join(f.tmp.Chmod(mode), f.tmp.Close())
	if keep && err == nil {
		err = os.Rename(f.tmp.Name(), f.path)
	}
	if !keep || err != nil {
		_ = os.Remove(f.tmp.Name())
	}
	return cannotWrite(f.path, err)
}

func cannotWrite(path string, err error) error {
	if err == nil {
		return nil
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	next := ""
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		next = "name a file in a folder that exists and that you may write to"
	case errors.Is(err, syscall.ENOSPC):
		next = "the disk is full"
	}
	return hint(fmt.Errorf("cannot write %s: %w", path, err), next)
}

// progress returns what tells on a terminal how far a run of more than a second
// is, and what takes the line away again.
func (a *app) progress(logs []engine.Log) (tell func(*engine.Stats), done func()) {
	f, ok := a.err.(*os.File)
	if !ok || a.quiet || !report.IsTerminal(f) || os.Getenv("TERM") == "dumb" {
		return nil, func() {}
	}
	var total int64
	for _, l := range logs {
		if info, err := os.Stat(l.Name); err == nil {
			total += info.Size()
		}
	}
	shown := time.Duration(0)
	tell = func(s *engine.Stats) {
		if s.Elapsed < time.Second || s.Elapsed-shown < 100*time.Millisecond {
			return
		}
		shown = s.Elapsed
		t := s.Totals()
		_, _ = fmt.Fprintf(f, "\r\x1b[Kread %s, %s lines, %s/s", report.Bytes(t.Bytes), report.Number(t.Lines),
			report.Bytes(int64(float64(t.Bytes)/s.Elapsed.Seconds())))
		if total > 0 && t.Bytes <= total {
			_, _ = fmt.Fprintf(f, " (%d%%)", t.Bytes*100/total)
		}
	}
	return tell, func() {
		if shown > 0 {
			_, _ = io.WriteString(f, "\r\x1b[K")
		}
	}
}
