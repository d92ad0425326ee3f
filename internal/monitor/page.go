package monitor

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Page is a report that is served while it grows. The run's goroutine renders it
// when somebody looks; browsers are told of each new state by server-sent events.
type Page struct {
	token  string // "" serves whoever asks by the name of this machine
	policy string // Content-Security-Policy

	mu      sync.Mutex
	html    []byte
	version int
	viewers int
	asked   time.Time     // when somebody last wanted it
	next    chan struct{} // closed at the next version
}

//go:embed page.js
var script []byte

const (
	maxViewers = 50
	stale      = 5 * time.Second  // how long somebody who asked is remembered
	heartbeat  = 15 * time.Second // between signs of life to who looks on
	patience   = 5 * time.Second  // how long the first page is waited for
)

// NewPage returns a page for those who know the token. Without one it is for a
// loopback address: what is asked by another name, as a page elsewhere may make a
// browser do, is refused. policy is the page's own.
func NewPage(token, policy string) *Page {
	return &Page{token: token, policy: policy + "; frame-ancestors 'none'", next: make(chan struct{})}
}

// Wanted reports whether somebody looks at the page or waits for it.
func (p *Page) Wanted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.viewers > 0 || time.Since(p.asked) < stale
}

// Show serves html from now on. It becomes the page's own.
func (p *Page) Show(html []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.html = html
	p.version++
	close(p.next)
	p.next = make(chan struct{})
}

// state returns the page as it is, and a channel that is closed at the next one.
func (p *Page) state() (html []byte, version int, next <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = time.Now()
	return p.html, p.version, p.next
}

// ServeHTTP serves the page, its script and the events.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if !p.allowed(w, r) {
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET is answered", http.StatusMethodNotAllowed)
		return
	}
	switch r.URL.Path {
	case "/":
		p.serve(w, r)
	case "/page.js":
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(script)
	case "/events":
		p.events(w, r)
	default:
		http.Error(w, "there is nothing here", http.StatusNotFound)
	}
}

// allowed checks who asks, and answers those who may not.
func (p *Page) allowed(w http.ResponseWriter, r *http.Request) bool {
	if p.token != "" {
		_, password, _ := r.BasicAuth()
		if subtle.ConstantTimeCompare([]byte(password), []byte(p.token)) == 1 {
			return true
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="why401", charset="UTF-8"`)
		http.Error(w, "the password is the token that why401 was started with", http.StatusUnauthorized)
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	http.Error(w, "this page is for this machine alone", http.StatusMisdirectedRequest)
	return false
}

func (p *Page) serve(w http.ResponseWriter, r *http.Request) {
	html, _, next := p.state()
	if html == nil {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		select {
		case <-ctx.Done():
			w.Header().Set("Retry-After", "5")
			http.Error(w, "the page isn't ready yet", http.StatusServiceUnavailable)
			return
		case <-next:
			html, _, _ = p.state()
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(html)
}

// events tells of each version until the browser goes.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	if !p.enter() {
		http.Error(w, "too many look on", http.StatusServiceUnavailable)
		return
	}
	defer p.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	told := -1
	for {
		_, version, next := p.state()
		text := ": still here\n\n"
		if version != told {
			text = fmt.Sprintf("id: %d\ndata: changed\n\n", version)
			told = version
		}
		if _, err := w.Write([]byte(text)); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-next:
		case <-beat.C:
		}
	}
}

func (p *Page) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.viewers >= maxViewers {
		return false
	}
	p.viewers++
	return true
}

func (p *Page) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.viewers--
}
