package session_test

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/secret"
	"github.com/larder-go/larder/session"
)

// serve starts a server for one test.
func serve(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestRefererCarriesNoSecretElsewhere(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("Referer")) })
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/out":
			http.Redirect(w, r, other, http.StatusFound)
		case "/in":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/end":
			fmt.Fprint(w, r.Header.Get("Referer"))
		}
	})
	s := made(t)(session.New(&session.Options{BaseURL: home, Params: map[string][]string{"api_key": {"p4ss"}}}))
	if got := text(t, s, "/out"); got != home+"/" {
		t.Errorf("another origin is told %q", got)
	}
	if got := text(t, s, "/in"); got != home+"/in?api_key=p4ss" {
		t.Errorf("the origin itself is told %q", got)
	}
}

func TestCookiesOfCallerAndSession(t *testing.T) {
	site := newSite(t)
	s := site.login(t, "sharat")
	got := text(t, s, "/headers", session.Header("Cookie", "own=1; name=other"))
	if !strings.Contains(got, "Cookie=own=1; name=other; hop=1; landed=1\n") {
		t.Error(got)
	}
}

func TestAnEndedIdentitySetsNoCookie(t *testing.T) {
	asked, answer := make(chan bool), make(chan bool)
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			asked <- true
			<-answer
			w.Header().Set("Set-Cookie", "sid=old")
		}
		fmt.Fprint(w, r.Header.Get("Cookie"))
	})
	s := made(t)(session.New(&session.Options{BaseURL: home}))
	done := make(chan error)
	go func() {
		resp, err := s.Get(t.Context(), "/slow")
		if err == nil {
			_, err = resp.Bytes()
		}
		done <- err
	}()
	<-asked
	if err := s.ClearCookies(); err != nil {
		t.Fatal(err)
	}
	answer <- true
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := text(t, s, "/"); got != "" {
		t.Errorf("after the logout %q is sent", got)
	}
}

func TestStoredCookies(t *testing.T) {
	var served atomic.Int64
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/enter":
			w.Header().Set("Cache-Control", "max-age=60")
			w.Header().Set("Set-Cookie", fmt.Sprintf("sid=%d", served.Add(1)))
		case "/rotate":
			w.Header().Set("Set-Cookie", "sid=rotated")
		case "/leave":
			w.Header().Set("Set-Cookie", "sid=; Max-Age=0")
		}
		fmt.Fprint(w, r.Header.Get("Cookie"))
	})
	cache, err := larder.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	first := made(t)(session.New(&session.Options{BaseURL: home, Cache: cache}))
	text(t, first, "/enter")
	// The same session, opened from a file that was saved before it had a cookie.
	cold := first.State()
	cold.Cookies = nil
	s := made(t)(session.Restore(cold, &session.Options{Cache: cache}))
	for _, step := range []struct{ path, then string }{
		{"/enter", "sid=1"}, {"/rotate", "sid=rotated"}, {"/enter", "sid=rotated"}, {"/leave", ""},
		{"/enter", "sid=2"}, // asked anew: who has left is not given what the cache was told before
	} {
		text(t, s, step.path)
		if got := text(t, s, "/"); got != step.then {
			t.Errorf("after %s: %q, want %q", step.path, got, step.then)
		}
	}
	if n := served.Load(); n != 2 {
		t.Errorf("/enter was asked %d times, want once before and once after leaving", n)
	}
}

func TestCertificates(t *testing.T) {
	var served atomic.Int64
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		w.Header().Set("Cache-Control", "public, max-age=60")
		fmt.Fprint(w, "forged")
	}))
	site.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake is meant
	site.StartTLS()
	defer site.Close()
	cache, err := larder.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	careless := made(t)(session.New(&session.Options{BaseURL: site.URL, SkipVerify: true, Cache: cache}))
	if got := text(t, careless, "/"); got != "forged" {
		t.Errorf("got %q", got)
	}
	careful := made(t)(session.New(&session.Options{BaseURL: site.URL, Cache: cache}))
	if resp, err := careful.Get(t.Context(), "/"); err == nil {
		resp.Body.Close()
		t.Errorf("a session that checks certificates got what one that does not had stored: %s", resp.Header.Get("Cache-Status"))
	}
	insecure := http.DefaultTransport.(*http.Transport).Clone()
	insecure.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	theirs := made(t)(session.New(&session.Options{BaseURL: site.URL, Transport: insecure, Cache: cache}))
	before := served.Load()
	if got := text(t, theirs, "/"); got != "forged" || served.Load() != before {
		t.Errorf("two that check none share: got %q after %d requests", got, served.Load()-before)
	}
}

func TestClientIsTheCallers(t *testing.T) {
	var open atomic.Int64
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("X-Api-Key")) }))
	closed := make(chan bool, 8)
	site.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			closed <- true
		}
	}
	site.Start()
	defer site.Close()
	s := made(t)(session.New(&session.Options{BaseURL: site.URL, Headers: http.Header{"X-Api-Key": {"k1"}}}))
	theirs := s.Client()
	theirs.Transport, theirs.Timeout = http.NewFileTransport(http.Dir(".")), 1
	if got := text(t, s, "/"); got != "k1" {
		t.Errorf("a change to what Client returned changes the session: %q", got)
	}
	text(t, s, "/")
	if n := open.Load(); n != 1 {
		t.Errorf("%d connections for two requests", n)
	}
	s.Client().CloseIdleConnections()
	<-closed
	// Unmarshalling over a session closes what the former pool held.
	text(t, s, "/")
	data, err := s.MarshalBinary()
	if err == nil {
		err = s.UnmarshalBinary(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	<-closed
	if got := text(t, s, "/"); got != "k1" {
		t.Errorf("after unmarshalling: %q", got)
	}
}

func TestDoLeavesTheRequestAlone(t *testing.T) {
	site := newSite(t)
	s := site.session(t, func(o *session.Options) { o.Params = map[string][]string{"a": {"1"}} })
	req, err := http.NewRequest(http.MethodGet, site.URL+"/headers?b=2", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "de")
	resp, err := s.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := resp.Text(); err != nil || !strings.Contains(got, "query=b=2&a=1\n") {
		t.Errorf("%s %v", got, err)
	}
	if len(req.Header) != 1 || req.URL.RawQuery != "b=2" {
		t.Errorf("the request is now %v %v", req.URL, req.Header)
	}
}

func TestUnmade(t *testing.T) {
	var s session.Session
	body := &closing{Reader: strings.NewReader("x")}
	req, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:1/", body)
	if err != nil {
		t.Fatal(err)
	}
	errs := map[string]error{"SetAuth": s.SetAuth(auth.For("https://a.example", auth.Bearer("t"))), "ClearCookies": s.ClearCookies()}
	_, errs["Do"] = s.Do(req)
	_, errs["Get"] = s.Get(t.Context(), "http://127.0.0.1:1/")
	_, errs["Client"] = s.Client().Get("http://127.0.0.1:1/")
	_, errs["MarshalJSON"] = json.Marshal(&s)
	_, errs["MarshalBinary"] = s.MarshalBinary()
	errs["SaveFile"] = s.SaveFile(filepath.Join(t.TempDir(), "x"), session.Plain)
	for name, err := range errs {
		if !errors.Is(err, session.ErrUnmade) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !body.closed {
		t.Error("Do left the body open")
	}
	if s.Jar().Header(mustURL(t, "http://a.example/"), time.Now()) != "" || fmt.Sprint(&s) == "" || s.State().ID != "" {
		t.Error("it is somebody")
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestCheckRefuses(t *testing.T) {
	texts := func(s string) []secret.Text { return []secret.Text{secret.New(s)} }
	two := []auth.Credential{auth.For("https://a.example", auth.Bearer("p4ss")), auth.For("https://a.example:443/x", auth.Basic("u", "p4ss"))}
	for want, st := range map[string]session.State{
		"auth[1]: invalid session state: https://a.example has a": {Auth: two},
		"headers say Authorization too":                           {BaseURL: "https://a.example", Auth: two[:1], Headers: map[string][]secret.Text{"Authorization": texts("p4ss")}},
		"token is a secret and needs a base URL":                  {Params: map[string][]secret.Text{"token": texts("p4ss")}},
		"X-Api-Key is a secret and needs a base URL":              {Headers: map[string][]secret.Text{"X-Api-Key": texts("p4ss")}},
		"Host belongs to each request":                            {Headers: map[string][]secret.Text{"Host": texts("p4ss")}},
		"A: a line break or another control":                      {Headers: map[string][]secret.Text{"A": texts("p4ss\x01")}},
		`want a field name like Accept-Language, got "a"`:         {Headers: map[string][]secret.Text{"a": texts("p4ss")}},
		"base_url: invalid session state: it holds a user":        {BaseURL: "https://u:p4ss@a.example"},
		"auth[0]: invalid session state: no origin":               {Auth: []auth.Credential{auth.Bearer("p4ss")}},
		"timeout": {Timeout: -1},
	} {
		st.Verify = true
		_, err := session.Restore(st, nil)
		if !errors.Is(err, session.ErrInvalid) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "p4ss") || !strings.HasPrefix(err.Error(), "session: ") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := session.New(&session.Options{MoreAuth: two}); !errors.Is(err, session.ErrInvalid) {
		t.Errorf("New takes two credentials of one origin: %v", err)
	}
	s := made(t)(session.New(&session.Options{BaseURL: "https://a.example", Headers: http.Header{"authorization": {"p4ss"}}}))
	if err := s.SetAuth(auth.Bearer("t")); err == nil {
		t.Error("SetAuth takes what a header field hides")
	}
}

func TestAFailedSavingLeavesTheFile(t *testing.T) {
	s := made(t)(session.New(nil))
	file := filepath.Join(t.TempDir(), "me")
	if err := os.WriteFile(file, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, seal := range []session.Seal{{}, session.Sealed([]byte("short"))} {
		if err := s.SaveFile(file, seal); err == nil {
			t.Errorf("%v saves", seal)
		}
	}
	if data, err := os.ReadFile(file); string(data) != "before" || err != nil {
		t.Errorf("%s %v", data, err)
	}
	if err := s.SaveFile(file, session.Plain); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", fi, err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
}

func FuzzState(f *testing.F) {
	s, err := session.New(&session.Options{
		BaseURL: "https://a.example/x/", Auth: auth.Basic("user", "pass"), Headers: http.Header{"X-Api-Key": {"k", "\xe9"}},
		Params: map[string][]string{"a": {"1"}}, Timeout: time.Second,
	})
	if err != nil {
		f.Fatal(err)
	}
	s.Jar().Receive(&url.URL{Scheme: "https", Host: "a.example"}, []string{"sid=1; Secure", "b=2; Partitioned; Secure"}, time.Now())
	data, err := s.MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := new(session.Session)
		if s.UnmarshalJSON(data) != nil {
			return
		}
		for _, form := range []func() error{
			func() error {
				b, err := s.MarshalJSON()
				if err != nil {
					return err
				}
				return new(session.Session).UnmarshalJSON(b)
			},
			func() error {
				b, err := s.MarshalBinary()
				if err != nil {
					return err
				}
				return new(session.Session).UnmarshalBinary(b)
			},
		} {
			if err := form(); err != nil {
				t.Errorf("what was taken does not come back: %v", err)
			}
		}
	})
}

// TestScopeIsTheSessions: what others stored for themselves on the same cache, a plain client or another session, is not
// given to a session, also where the cache is said to have one user.
func TestScopeIsTheSessions(t *testing.T) {
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		switch r.URL.Path {
		case "/private":
			w.Header().Set("Cache-Control", "private, max-age=60")
		case "/login":
			w.Header().Set("Set-Cookie", "name="+r.Header.Get("X-Who"))
		}
		fmt.Fprint(w, r.Header.Get("X-Who"))
	})
	for _, scope := range []string{"", larder.OneUser} {
		cache, err := larder.New(nil, &larder.Options{Terms: larder.Terms{Scope: scope}})
		if err != nil {
			t.Fatal(err)
		}
		defer cache.Close()
		for _, path := range []string{"/private", "/login", "/me"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, home+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Who", "plain")
			if path == "/me" {
				req.Header.Set("Authorization", "A")
			}
			resp, err := cache.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		guest := made(t)(session.New(&session.Options{Cache: cache}))
		if got := text(t, guest, home+"/me"); got != "" {
			t.Errorf("scope %q: a guest got %q", scope, got)
		}
		for _, who := range []string{"a", "b"} {
			s := made(t)(session.New(&session.Options{Cache: cache, Headers: http.Header{"X-Who": {who}}}))
			for _, path := range []string{"/private", "/login", "/me"} {
				if got := text(t, s, home+path); got != who {
					t.Errorf("scope %q: %s: %s got %q", scope, path, who, got)
				}
			}
		}
	}
}

// TestHeadersOfASessionSelect: the scope stands for secrets, not for the language that a session asks for.
func TestHeadersOfASessionSelect(t *testing.T) {
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Vary", "Accept-Language")
		fmt.Fprint(w, r.Header.Get("Accept-Language"))
	})
	cache, err := larder.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	s := made(t)(session.New(&session.Options{BaseURL: home, Cache: cache, Headers: http.Header{"Accept-Language": {"de"}}}))
	st := s.State()
	st.Headers = map[string][]secret.Text{"Accept-Language": {secret.New("en")}}
	changed := made(t)(session.Restore(st, &session.Options{Cache: cache}))
	for s, want := range map[*session.Session]string{s: "de", changed: "en"} {
		if got := text(t, s, "/"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOddRequests(t *testing.T) {
	s := made(t)(session.New(&session.Options{BaseURL: "http://h.example", Params: url.Values{"a": {"b"}}}))
	if _, err := s.Do(&http.Request{}); err == nil {
		t.Error("a request without a URL is sent")
	}
	if _, err := s.Client().Transport.RoundTrip(&http.Request{}); err == nil {
		t.Error("a request without a URL is sent by the transport")
	}
	_, noScheme := session.New(&session.Options{BaseURL: "user:p4ss@example.com"})
	_, noTarget := s.Get(t.Context(), "user:p4ss@example.com/x")
	state := session.State{BaseURL: "http://user:p4ss@example.com"}
	if got := fmt.Sprint(noScheme, noTarget, state, state.Redacted().BaseURL); strings.Contains(got, "p4ss") {
		t.Error(got)
	}
}
