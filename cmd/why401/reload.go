package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"why401/internal/engine"
	"why401/internal/report"
)

// settled is what a command line, the environment and the settings file come to.
type settled struct {
	cfg    engine.Config
	filter *report.Filter
}

// errSettled ends a command that was run for its settings alone.
var errSettled = errors.New("settings are known")

// reread runs the command line again up to where its settings are known.
func (a *app) reread(ctx context.Context, args []string) (*settled, error) {
	var got settled
	b := *a
	b.color.value, b.messages.value = "auto", "plain"
	b.config, b.quiet = "", false
	b.settled = func(s settled) error {
		got = s
		return errSettled
	}
	root := b.root()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); !errors.Is(err, errSettled) {
		return nil, err
	}
	return &got, nil
}

// onHangup reads rules and settings again at each SIGHUP, until ctx is done, and
// puts them where next finds them; where they can't be read, the old ones stay. When
// the signal says that the terminal is gone it calls end.
func (a *app) onHangup(ctx context.Context, next *atomic.Pointer[settled], end func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	terminal := report.IsTerminal(a.out)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
			}
			if terminal && !hasTerminal() {
				end()
				return
			}
			s, err := a.reread(ctx, os.Args[1:])
			if err != nil {
				a.complain(err)
				a.say("going on with the rules and settings as they were")
				continue
			}
			next.Store(s)
			a.tell("read rules and settings again")
		}
	}()
}

// hasTerminal reports whether the session's terminal still is there.
func hasTerminal() bool {
	tty, err := os.Open("/dev/tty")
	if err == nil {
		tty.Close()
	}
	return err == nil
}
