package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
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
	metrics   string
	page      string
	tokenFile string
	plain     bool
	state     *monitor.State // nil if nobody asks
	live      *monitor.Page  // nil without --http
	render    func() []byte  // of the page, on the run's goroutine
	shown     int64          // one more than the state's version that the page shows
	servers   []*monitor.Server
}

func (s *serving) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.metrics, "metrics", "", "serve Prometheus' /metrics, and /healthz, on this `address`: HOST:PORT, or :PORT for this machine alone")
	cmd.Flags().StringVar(&s.page, "http", "", "serve the report as a page that grows, on this `address`; on one that others reach only with a token")
	cmd.Flags().StringVar(&s.tokenFile, "http-token-file", "", "let those see the page who know the token in this `file` (or in WHY401_HTTP_TOKEN), as the password for any name")
	for _, name := range []string{"metrics", "http", "http-token-file"} {
		settings.ByHand(cmd.Flags(), name)
	}
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

// start starts the servers that the flags ask for, and makes the state if anybody
// wants it. page renders the live page.
func (s *serving) start(a *app, view bool, page func() []byte) error {
	if view || s.metrics != "" || s.page != "" {
		s.state = monitor.New()
	}
	if s.metrics != "" {
		ln, err := monitor.Listen(s.metrics, true)
		if err != nil {
			return hint(fmt.Errorf("cannot serve metrics on %s: %w", s.metrics, err), "name a free port, as in --metrics 127.0.0.1:9401")
		}
		a.tell("serving metrics on http://%s/metrics", s.serve(ln, s.state.Metrics()))
	}
	if s.page != "" {
		token, err := s.token()
		if err != nil {
			return err
		}
		ln, err := monitor.Listen(s.page, token != "")
		if err != nil {
			return hint(fmt.Errorf("cannot serve the page on %s: %w", s.page, err), "name a free port of this machine, as in --http 127.0.0.1:8401, or give a token with --http-token-file")
		}
		s.live, s.render = monitor.NewPage(token, report.LivePolicy()), page
		a.tell("serving the page on http://%s/", s.serve(ln, s.live))
	}
	return nil
}

// serve starts a server and returns its address.
func (s *serving) serve(ln net.Listener, handler http.Handler) string {
	server := monitor.Serve(ln, handler)
	s.servers = append(s.servers, server)
	return server.Address()
}

func (s *serving) token() (string, error) {
	token := os.Getenv(settings.Variable("http-token"))
	if s.tokenFile != "" {
		text, err := os.ReadFile(s.tokenFile)
		if err != nil {
			return "", hint(fmt.Errorf("cannot read the token: %w", err), "make one: head -c 32 /dev/urandom | base64 > FILE")
		}
		token = strings.TrimRight(string(text), "\r\n")
	}
	if token != "" && len(token) < 16 {
		return "", hint(errors.New("the token of --http is shorter than 16 bytes"), "make one: head -c 32 /dev/urandom | base64 > FILE")
	}
	return token, nil
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
func (s *serving) watch(feed *follow.Follower, m *manager) engine.Feed {
	w := &watched{Feed: feed, every: time.Second, alive: func() {
		m.tell("WATCHDOG=1")
		if s.state != nil {
			s.state.Alive(feed.Health())
		}
		if s.live != nil && s.live.Wanted() && (s.shown == 0 || s.shown <= s.state.Version()) {
			s.shown = s.state.Version() + 1
			s.live.Show(s.render())
		}
	}}
	switch {
	case m.ping > 0 && (s.state == nil || m.ping < w.every):
		w.every = m.ping
	case s.live != nil:
		w.every /= 2 // who looks on sees what is new within a second
	case s.state == nil:
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
