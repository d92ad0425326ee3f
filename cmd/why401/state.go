package main

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/report"
	"why401/internal/resume"
	"why401/internal/settings"
)

// remembering is --state of report: only what is new is read, and told once. Standard
// output waits until the run is done, so that one that is killed has told nothing.
type remembering struct {
	dir string
	run *resume.Run // nil without --state
	out *os.File    // what standard output will get; nil where it doesn't wait
}

func (r *remembering) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.dir, "state", "", "remember in this `folder` what was read, and go on there next time")
	_ = cmd.MarkFlagDirname("state")
	settings.ByHand(f, "state")
}

// open takes the state folder.
func (r *remembering) open(cmd *cobra.Command, a *app, args []string) (err error) {
	if r.dir == "" {
		return nil
	}
	for _, flag := range []string{"journal", "unit"} {
		if cmd.Flags().Changed(flag) {
			return hint(errors.New("--state of report remembers files, and no journal"), "leave out --"+flag+", or let why401 tail --state follow the journal")
		}
	}
	of := append([]string{chosenBy(cmd.Flags())}, args...)
	if r.run, err = resume.Open(r.dir, of, time.Now(), func(s string) { a.say("%s", s) }); err != nil {
		return err
	}
	if f, err := os.CreateTemp(r.dir, "report.out.*"); err == nil {
		_ = os.Remove(f.Name()) // it is gone when this process is
		r.out = f
	}
	return nil
}

// start returns the logs that no run has read, and where findings go; cfg goes on
// with what is known.
func (r *remembering) start(a *app, logs []engine.Log, cfg *engine.Config, sink engine.Sink) ([]engine.Log, engine.Sink) {
	if r.run == nil {
		return logs, sink
	}
	r.run.Follow(cfg)
	n := len(logs)
	logs = r.run.Logs(logs)
	if n > 0 && len(logs) == 0 {
		a.tell("nothing new since the last run")
	}
	return logs, r.run.Sink(sink)
}

// read takes over what the run read, unless the user ended it.
func (r *remembering) read(ctx context.Context, stats *engine.Stats, m *report.Model) {
	if r.run != nil && ctx.Err() == nil {
		r.run.Read(stats, m)
	}
}

// end writes what standard output has waited for, and the state.
func (r *remembering) end(ctx context.Context, a *app, tell bool) error {
	if r.out != nil && tell {
		_, err := r.out.Seek(0, io.SeekStart)
		if err == nil {
			_, err = io.Copy(a.out, r.out)
		}
		if err != nil {
			return cannotWrite("standard output", err)
		}
	}
	if r.run == nil || ctx.Err() != nil {
		return nil
	}
	return hint(r.run.Save(), "what this run has read is read again by the next")
}

func (r *remembering) close() {
	if r.out != nil {
		r.out.Close()
	}
	if r.run != nil {
		r.run.Close()
	}
}
