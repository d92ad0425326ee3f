package monitor

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, url string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// TestPage serves what is shown, and tells whoever looks of each new state.
func TestPage(t *testing.T) {
	p := NewPage("", "default-src 'none'")
	srv := httptest.NewServer(p)
	defer srv.Close()
	if p.Wanted() {
		t.Error("wanted by nobody")
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/events", nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	events := bufio.NewScanner(resp.Body)
	event := func(want string) {
		t.Helper()
		for events.Scan() {
			if strings.HasPrefix(events.Text(), "id: ") {
				if events.Text() != "id: "+want {
					t.Errorf("told of %s, want %s", events.Text(), want)
				}
				return
			}
		}
		t.Errorf("nothing told: %v", events.Err())
	}
	event("0")
	if !p.Wanted() {
		t.Error("nobody is seen")
	}
	p.Show([]byte("<p>one"))
	event("1")
	resp2, body := get(t, srv.URL+"/", nil)
	if body != "<p>one" || resp2.Header.Get("Content-Security-Policy") != "default-src 'none'; frame-ancestors 'none'" || resp2.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %q, %v", body, resp2.Header)
	}
	p.Show([]byte("<p>two"))
	event("2")
	if resp, body := get(t, srv.URL+"/page.js", nil); resp.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(body, "EventSource") {
		t.Errorf("got %q, %v", body, resp.Header)
	}
	if resp, _ := get(t, srv.URL+"/etc/passwd", nil); resp.StatusCode != 404 {
		t.Errorf("got %s", resp.Status)
	}
}

// TestPageIsWaitedFor answers the first request when the page is there.
func TestPageIsWaitedFor(t *testing.T) {
	p := NewPage("", "default-src 'none'")
	srv := httptest.NewServer(p)
	defer srv.Close()
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		for !p.Wanted() { // as the run's goroutine asks now and then
		}
		p.Show([]byte("<p>there"))
	}()
	if _, body := get(t, srv.URL, nil); body != "<p>there" {
		t.Errorf("got %q", body)
	}
	<-shown
}

// TestPageRefuses keeps strangers out, and pages of other sites that lead a
// browser here by a name of theirs.
func TestPageRefuses(t *testing.T) {
	open, closed := NewPage("", "x"), NewPage("a-token-of-some-length", "x")
	open.Show([]byte("page"))
	closed.Show([]byte("page"))
	for _, c := range []struct {
		page   *Page
		change func(*http.Request)
		want   int
	}{
		{open, nil, 200},
		{open, func(r *http.Request) { r.Host = "localhost:80" }, 200},
		{open, func(r *http.Request) { r.Host = "[::1]:80" }, 200},
		{open, func(r *http.Request) { r.Host = "evil.example" }, 421},
		{open, func(r *http.Request) { r.Host = "127.0.0.1.evil.example:80" }, 421},
		{open, func(r *http.Request) { r.Host = "192.0.2.7" }, 421},
		{open, func(r *http.Request) { r.Method = http.MethodPost }, 405},
		{closed, nil, 401},
		{closed, func(r *http.Request) { r.SetBasicAuth("x", "a-token-of-some-lengtH") }, 401},
		{closed, func(r *http.Request) { r.SetBasicAuth("", "") }, 401},
		{closed, func(r *http.Request) { r.SetBasicAuth("x", "a-token-of-some-length"); r.Host = "logs.example" }, 200},
	} {
		srv := httptest.NewServer(c.page)
		resp, body := get(t, srv.URL+"/", c.change)
		srv.Close()
		if resp.StatusCode != c.want || (body == "page") != (c.want == 200) {
			t.Errorf("got %s %q, want %d", resp.Status, body, c.want)
		}
		if resp.StatusCode == 401 && !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic ") {
			t.Error("a 401 without a challenge")
		}
	}
}
