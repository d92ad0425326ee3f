package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/follow"
	"why401/internal/monitor"
	"why401/internal/report"
	"why401/internal/settings"
	"why401/parsers"
)

// serving are the flags of what a live run serves to others.
type serving struct {
	metrics string
	plain   bool
	state   *monitor.State
	servers []*monitor.Server
}

func (s *serving) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.metrics, "metrics", "", "serve Prometheus' /metrics, and /healthz, on this `address`: HOST:PORT, or :PORT for this machine alone")
	settings.ByHand(cmd.Flags(), "metrics")
	cmd.Flags().BoolVar(&s.plain, "plain", false, "write one line a finding on a terminal, too, in place of the live view")
}

// watching reports whether a live view is shown: on a terminal, unless something
// else was asked for.
func (s *serving) watching(a *app, w *writing) bool {
	return !s.plain && !a.quiet && w.format.value == "table" && !w.context.set && os.Getenv("TERM") != "dumb" && report.IsTerminal(a.out)
}

// show shows the live view until the returned func is called.
func (s *serving) show(a *app, zone *time.Location, quit func()) (end func()) {
	messages := a.err
	screen := monitor.Open(s.state, a.out, a.in, a.style(a.out).Colours, zone, quit)
	out := &redirected{w: screen}
	a.err = out
	return func() {
		said := screen.Close()
		out.to(messages)
		_, _ = io.WriteString(messages, said)
		shot := s.state.Snapshot()
		_, _ = fmt.Fprintln(a.out, shot.Sentence())
	}
}

// A redirected writer can be led elsewhere while goroutines write to it.
type redirected struct {
	mu sync.Mutex
	w  io.Writer
}

func (r *redirected) to(w io.Writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.w = w
}

// Write implements io.Writer.
func (r *redirected) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.w.Write(p)
}

// start starts the servers that the flags ask for, and fills state if anybody
// wants it.
func (s *serving) start(a *app, view bool) error {
	if view || s.metrics != "" {
		s.state = monitor.New()
	}
	if s.metrics == "" {
		return nil
	}
	ln, err := monitor.Listen(s.metrics, true)
	if err != nil {
		return hint(fmt.Errorf("cannot serve metrics on %s: %w", s.metrics, err), "name a free port, as in --metrics 127.0.0.1:9401")
	}
	server := monitor.Serve(ln, s.state.Metrics())
	s.servers = append(s.servers, server)
	a.tell("serving metrics on http://%s/metrics", server.Address())
	return nil
}

func (s *serving) end() {
	for _, server := range s.servers {
		server.Close()
	}
}

// A watched feed says now and then that lines are still being asked for.
type watched struct {
	engine.Feed
	every time.Duration
	next  time.Time
	alive func()
}

// watch returns feed, watched if somebody asks for it.
func watch(feed *follow.Follower, m *manager, state *monitor.State) engine.Feed {
	w := &watched{Feed: feed, every: time.Second, alive: func() {
		m.tell("WATCHDOG=1")
		if state != nil {
			state.Alive(feed.Health())
		}
	}}
	switch {
	case m.ping > 0 && (state == nil || m.ping < w.every):
		w.every = m.ping
	case state == nil:
		return feed
	}
	return w
}

// Next implements engine.Feed.
func (w *watched) Next(ctx context.Context, b *parsers.Block, wait time.Duration, busy func(source int32) bool) error {
	if now := time.Now(); !now.Before(w.next) {
		w.alive()
		w.next = now.Add(w.every)
	}
	return w.Feed.Next(ctx, b, min(wait, w.every), busy)
}
