package report

import (
	"strings"
	"testing"
)

func TestAgent(t *testing.T) {
	for agent, want := range map[string]string{
		"":                       "",
		"curl/8.5.0":             "curl 8.5.0",
		"okhttp/4.12.0":          "okhttp 4.12.0",
		"ShopApp/3.2.1.77 (iOS)": "ShopApp 3.2.1",
		"python-requests/2.32.3": "python-requests 2.32.3",
		"Go-http-client/2.0":     "Go-http-client 2.0",
		"Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0":                                                        "Firefox 136",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36":                           "Chrome 134",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36 Edg/134.0.3124":            "Edg 134",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.3 Mobile Safari/604.1": "Safari 18",
		"Mozilla/5.0 (compatible; Examplebot/2.1; +http://bot.example/)":                                                                "Examplebot 2",
		"Mozilla/5.0":           "Mozilla 5",
		"Mozilla/4.0 ((((":      "Mozilla 4",
		"a/1..2.":               "a 1..2",
		"no version":            "no",
		"x/" + "9999999999.1.1": "x 9999999999.1.1",
	} {
		if got := string(appendAgent(nil, agent)); got != want {
			t.Errorf("%q is %q, not %q", agent, got, want)
		}
	}
	if n := len(appendAgent(nil, strings.Repeat("é", 5000)+"/"+strings.Repeat("1", 5000))); n > maxKey+30 {
		t.Errorf("%d bytes", n)
	}
}

// TestForProducts leaves the advice about the product whose log was read.
func TestForProducts(t *testing.T) {
	advice := "Look twice. nginx: set it. Apache CGI: set that. Behind CloudFront, forward it."
	for product, want := range map[string]string{
		"nginx":  "Look twice. nginx: set it. Behind CloudFront, forward it.",
		"apache": "Look twice. Apache CGI: set that. Behind CloudFront, forward it.",
		"json":   advice,
	} {
		if got := forProducts(advice, map[string]bool{product: true}); got != want {
			t.Errorf("%s: %q", product, got)
		}
	}
}
