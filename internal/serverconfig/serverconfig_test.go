package serverconfig

import "testing"

// What a configuration holds never ends the run. (The scripts test what is found.)
func FuzzRead(f *testing.F) {
	f.Add("log_format a '$remote_addr' \"\\\"$status\"; # x\ninclude /nowhere; server { }")
	f.Add("LogFormat \"%h \\\"%r\\\"\" a\nCustomLog x \"%>s\" \\\n env=a\nInclude")
	f.Add("defaults\n log-format %ci\\ %ST\nfrontend a\n log-format \"${HAPROXY_HTTP_LOG_FMT}\"")
	f.Add("{json_format: {a: '%START_TIME%', b: {c: '%RESPONSE_CODE%'}}, text_format: '%REQ(:PATH)%'}")
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func(*config, string, string){(*config).nginx, (*config).apache, (*config).haproxy, (*config).envoy} {
			read(&config{dir: "/nowhere", seen: map[string]bool{}}, "a", text)
		}
	})
}
