package larder_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/larder-go/larder"
)

// origin is a real HTTP server whose answers are written in a small language, one route a line:
//
//	/path  Field: value; Field: value  body
//
// A body of the form $Name echoes that request field; %n counts the requests to the path. The field "Status" sets the
// status, "Gzip: yes" sends the body in that coding. A request whose If-None-Match is the route's ETag is answered 304.
type origin struct {
	*httptest.Server
	mu     sync.Mutex
	routes map[string]route
	asked  []string // method and path of each request
}

type route struct {
	fields [][2]string
	body   string
	count  int
}

// inBubble is an origin without a socket, for synctest: client's requests reach it through transport.
func inBubble(lines string) (o *origin, transport http.RoundTripper) {
	o = &origin{routes: map[string]route{}, Server: &httptest.Server{URL: "http://origin.example"}}
	o.set(lines)
	return o, roundTripper(func(req *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat)) // as a server does
		o.ServeHTTP(w, req)
		resp := w.Result()
		resp.Request = req
		return resp, nil
	})
}

func newOrigin(t *testing.T, lines string) *origin {
	o := &origin{routes: map[string]route{}}
	o.set(lines)
	o.Server = httptest.NewServer(o)
	t.Cleanup(o.Server.Close)
	return o
}

// set adds routes, or replaces them.
func (o *origin) set(lines string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		parts := strings.SplitN(line, "  ", 3)
		for len(parts) < 3 {
			parts = append(parts, "")
		}
		r := route{body: strings.TrimSpace(parts[2])}
		for field := range strings.SplitSeq(parts[1], "; ") {
			if name, value, ok := strings.Cut(field, ": "); ok {
				r.fields = append(r.fields, [2]string{name, value})
			}
		}
		o.routes[parts[0]] = r
	}
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.asked = append(o.asked, r.Method+" "+r.URL.Path)
	rt, ok := o.routes[r.URL.Path]
	rt.count++
	o.routes[r.URL.Path] = rt
	o.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	rt.answer(w, r)
}

func (rt route) answer(w http.ResponseWriter, r *http.Request) {
	code, body := http.StatusOK, []byte(rt.body)
	if name, ok := strings.CutPrefix(rt.body, "$"); ok {
		body = []byte(r.Header.Get(name))
	}
	body = bytes.ReplaceAll(body, []byte("%n"), fmt.Append(nil, rt.count))
	for _, f := range rt.fields {
		switch f[0] {
		case "Status":
			fmt.Sscan(f[1], &code)
		case "Gzip":
			var coded bytes.Buffer
			zw := gzip.NewWriter(&coded)
			zw.Write(body)
			zw.Close()
			body = coded.Bytes()
			w.Header().Set("Content-Encoding", "gzip")
		default:
			w.Header().Add(f[0], f[1])
		}
	}
	if tag := w.Header().Get("Etag"); tag != "" && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(code)
	w.Write(body)
}

func (o *origin) requests() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
}

// run plays a scenario against client, one step a line:
//
//	GET /path  Field: value; Field: value  -> 200 hit "body"
//
// A step "SET route" changes a route, "+90s" lets time pass (in a synctest bubble only). The outcome is hit, stale (validated
// in the background, or served because the origin failed), valid (validated), miss, pass or none (a 504 of the cache); the
// body may be left out.
func (o *origin) run(t *testing.T, client *http.Client, steps string) {
	t.Helper()
	for step := range strings.Lines(steps) {
		step = strings.TrimSpace(step)
		if step == "" || strings.HasPrefix(step, "#") {
			continue
		}
		if lines, ok := strings.CutPrefix(step, "SET "); ok {
			o.set(lines)
			continue
		}
		if d, err := time.ParseDuration(step); err == nil {
			time.Sleep(d) // in a synctest bubble: no time passes outside
			continue
		}
		ask, want, ok := strings.Cut(step, " -> ")
		if !ok {
			t.Fatalf("step %q: no ->", step)
		}
		got := o.step(t, client, ask, strings.Contains(want, `"`))
		if got != want {
			t.Errorf("step %s\n got  %s\n want %s", ask, got, want)
		}
	}
}

func (o *origin) step(t *testing.T, client *http.Client, ask string, withBody bool) string {
	t.Helper()
	target, fields, _ := strings.Cut(strings.TrimSpace(ask), "  ")
	method, path, _ := strings.Cut(target, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, o.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for field := range strings.SplitSeq(strings.TrimSpace(fields), "; ") {
		if name, value, ok := strings.Cut(field, ": "); ok {
			req.Header.Add(name, value)
		}
	}
	before := o.requests()
	resp, err := client.Do(req)
	if err != nil {
		return "error " + err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "cut " + err.Error()
	}
	got := fmt.Sprintf("%d %s", resp.StatusCode, outcome(t, resp, o.requests()-before))
	if withBody {
		got += fmt.Sprintf(" %q", body)
	}
	return got
}

// outcome says what the cache did, and holds what it says against what the origin saw.
func outcome(t *testing.T, resp *http.Response, requests int) string {
	t.Helper()
	info, ok := larder.InfoOf(resp)
	if !ok {
		t.Fatal("InfoOf: the response carries none")
	}
	status := resp.Header.Get("Cache-Status")
	word := "miss"
	switch {
	case info.Revalidated:
		word = "valid"
	case info.Stale && strings.Contains(status, `detail="stale`): // asked, but behind the answer or in vain
		if hit := strings.Contains(status, "larder; hit; ttl=-"); hit == strings.Contains(status, "; fwd=stale; ") || !info.FromCache {
			t.Errorf("the cache says %+v, Cache-Status says %q", info, status)
		}
		return "stale"
	case info.FromCache:
		word = "hit"
	case resp.StatusCode == http.StatusGatewayTimeout && requests == 0:
		word = "none"
	case strings.Contains(status, "fwd=bypass"), strings.Contains(status, "fwd=method"):
		word = "pass"
	}
	if asked := requests > 0; asked != (word != "hit" && word != "none") {
		t.Errorf("the cache says %s (%s), the origin saw %d requests", word, status, requests)
	}
	if hit := strings.Contains(status, "larder; hit"); hit != (word == "hit") {
		t.Errorf("the cache says %s, Cache-Status says %q", word, status)
	}
	return word
}
