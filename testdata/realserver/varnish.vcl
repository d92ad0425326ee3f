vcl 4.1;
# Varnish that answers by itself. The test fills in {{...}}.
backend none none;
sub vcl_recv {
  if (req.url ~ "^/basic" && req.http.Authorization != "{{basic}}") {
    return (synth(401));
  }
  return (synth(200));
}
