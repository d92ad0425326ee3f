package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/follow"
	"why401/internal/report"
	"why401/internal/settings"
)

// following are the flags of commands that read logs as they are written.
type following struct {
	log    journal
	state  string
	poll   bool
	ready  func() error // called once the state folder is ours
	serve  serving
	choose func(*report.Filter) // told of another filter by settings that were read again
}

func (f *following) add(cmd *cobra.Command) {
	f.log.add(cmd)
	cmd.Flags().StringVar(&f.state, "state", "", "remember in this `folder` what was read, and go on there next time")
	_ = cmd.MarkFlagDirname("state")
	settings.ByHand(cmd.Flags(), "state")
	cmd.Flags().BoolVar(&f.poll, "poll", false, "look for changes instead of being told of them, for network file systems")
}

// run follows logs until they end or the user ends it.
func (f *following) run(ctx context.Context, a *app, args []string, fromEnd bool, cfg engine.Config, sink engine.Sink) (*engine.Stats, error) {
	feed, err := follow.New(args, follow.Options{State: f.state, FromEnd: fromEnd, Poll: f.poll, Stdin: a.in, Journal: f.log.named(), Warn: func(s string) { a.say("%s", s) }})
	if err != nil {
		return nil, fmt.Errorf("cannot follow: %w", err)
	}
	defer feed.Close()
	for _, err := range feed.Refused {
		a.fail(hint(fmt.Errorf("cannot follow: %w", err), "name a log, a folder, a pattern or a pipe"))
	}
	if f.ready != nil {
		if err := f.ready(); err != nil {
			return nil, err
		}
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	var next atomic.Pointer[settled]
	a.onHangup(ctx, &next, end)
	cfg.Renew = func() *engine.Config {
		s := next.Swap(nil)
		if s == nil {
			return nil
		}
		if f.choose != nil {
			f.choose(s.filter)
		}
		return &s.cfg
	}
	collectOften()
	m := findManager()
	m.tell("READY=1")
	defer m.tell("STOPPING=1")
	return engine.Live(ctx, f.serve.watch(feed, m), cfg, sink)
}

func (a *app) tail() *cobra.Command {
	var f findings
	var feed following
	var alerts alerting
	fromStart := false
	cmd := &cobra.Command{
		Use:   "tail [FILE]...",
		Short: "Follow logs and report as lines are written",
		Long: `Follows logs and reports refused requests, attacks and leaked credentials as
they are written, one line each. Rotation, truncation and files that appear
later are taken care of. Ctrl-C ends it; SIGHUP lets it read rules and settings
again.

FILE may be a log, a folder, a pattern such as 'logs/**/*.log', or - for
standard input.`,
		Example: `  why401 tail /var/log/nginx/access.log /var/log/myapp/app.log
  kubectl logs -f deploy/api | why401 tail
  why401 tail --format jsonl --state /var/lib/why401 '/var/log/app/*.log'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg := engine.Config{Mode: engine.Report, Own: a.names.own}
			cfg.Spike.Phases = true
			if err := notInto(args, append(f.outputs(), alerts.files...)); err != nil {
				return err
			}
			view := feed.serve.watching(a, &f.write)
			f.write.mute = view
			if err := f.start(cmd, a, &cfg); err != nil {
				return err
			}
			ctx, quit := context.WithCancel(cmd.Context())
			defer quit()
			defer feed.serve.end()
			if err := feed.serve.start(a, view, f.page); err != nil {
				return f.write.close(err)
			}
			if seen := feed.serve.state; seen != nil {
				f.sink.Writers = append(f.sink.Writers, seen)
				cfg.Progress = func(stats *engine.Stats) {
					f.sink.Model.Stats = stats
					seen.Progress(stats)
				}
			}
			feed.ready = func() error {
				desk, err := alerts.start(a, feed.state)
				if desk != nil {
					f.sink.Writers = append(f.sink.Writers, desk)
					if feed.serve.state != nil {
						feed.serve.state.Alerts(desk.Counts)
					}
				}
				return err
			}
			leave := func() {}
			if view {
				leave = sync.OnceFunc(feed.serve.show(a, f.read.zone.location(), quit))
				defer leave()
			}
			feed.choose = func(filter *report.Filter) { f.sink.Filter = filter }
			stats, err := feed.run(ctx, a, args, !fromStart, cfg, f.sink)
			leave()
			if err = f.end(a, stats, false, err); err != nil {
				return err
			}
			a.readable(stats)
			return nil
		},
	}
	cmd.Flags().BoolVar(&fromStart, "from-start", false, "read what is in the logs already, too")
	feed.add(cmd)
	f.read.add(cmd)
	f.choose.add(cmd, true)
	f.addAllow(cmd)
	f.write.add(cmd, 10, report.NewLines, report.NewMarkdown, report.NewHTML)
	alerts.add(cmd)
	feed.serve.add(cmd)
	f.addFail(cmd, "never")
	f.rules.add(cmd)
	f.key.add(cmd)
	f.accept.addIgnores(cmd)
	return cmd
}
