package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"why401/internal/engine"
	"why401/internal/report"
)

// open finds the logs that args name and tells what couldn't be found.
func (a *app) open(args []string) []engine.Log {
	if a.stdinIsTerminal() && (len(args) == 0 || slices.Contains(args, "-")) {
		a.tell("reading standard input; Ctrl-D ends it")
	}
	logs, skipped := engine.Open(args, a.in)
	other, reports := 0, 0
	for _, s := range skipped {
		switch {
		case errors.Is(s.Err, engine.ErrCopy):
			a.tell("left out %s: it %s", s.Name, s.Err)
		case s.Named:
			a.unreadable(s.Name, s.Err)
		case errors.Is(s.Err, engine.ErrReport):
			reports++
		default:
			other++
		}
	}
	if reports > 0 {
		a.tell("left out %s", count(reports, "report that why401 wrote", "reports that why401 wrote"))
	}
	if other > 0 {
		a.tell("left out %s", count(other, "file that isn't text", "files that aren't text"))
	}
	return logs
}

func (a *app) stdinIsTerminal() bool { return report.IsTerminal(a.in) }

// unreadable tells that an input could not be read, or not to its end.
func (a *app) unreadable(name string, err error) {
	if name == "-" {
		name = "standard input"
	}
	a.fail(hint(fmt.Errorf("cannot read %s: %w", name, err), nextStep(err)))
}

func nextStep(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "check the path; patterns such as 'logs/**/*.log' and folders work too"
	case errors.Is(err, os.ErrPermission):
		return "run why401 as a user who may read it, for example one of group adm"
	case errors.Is(err, engine.ErrNotText):
		return "name a log of text, plain or compressed with gzip, zstd or bzip2"
	case errors.Is(err, engine.ErrNoLogs):
		return "name a folder with logs of text in it"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the file is cut off; what could be read of it was used"
	}
	return ""
}

// readAll tells which logs could not be read to their ends.
func (a *app) readAll(ctx context.Context, stats *engine.Stats) {
	if ctx.Err() != nil {
		a.fail(errors.New("stopped before the end: the results are of what was read so far"))
	}
	for i := range stats.Files {
		if f := &stats.Files[i]; f.Err != nil {
			a.unreadable(f.Name, f.Err)
		}
	}
}

// readable tells of which logs no record fits a format, and which are none.
func (a *app) readable(stats *engine.Stats) {
	for i := range stats.Files {
		f := &stats.Files[i]
		if f.Err == nil && f.Name != "-" && engine.LooksCaptured(f.Name) {
			a.say("%s holds requests that a client captured, and was read as a log; why401 explain reads them", f.Name)
			continue
		}
		if f.Err != nil || f.Records == 0 || f.Unparsed < f.Records {
			continue
		}
		if f.Name != "-" && errors.Is(engine.LooksLikeLog(f.Name), engine.ErrNotText) {
			a.unreadable(f.Name, engine.ErrNotText)
		} else {
			a.fail(hint(fmt.Errorf("cannot parse any of the %s of %s", count(int(f.Lines), "line", "lines"), f.Name),
				"why401 formats lists what can be read; --log-format names one; why401 check needs none"))
		}
	}
}
