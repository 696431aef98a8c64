package larder_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// Requests that are made at once, in this order. first is how many of them reach the origin before it has answered any,
// then how many after it has answered the first, and again how many of the same requests do at once twenty seconds later.
var together = []struct {
	name, head         string
	callers            []string
	first, then, again int
}{
	{"one for all", "Cache-Control: max-age=10", []string{"", "", "", "", ""}, 1, 1, 1},
	{"no-store", "Cache-Control: no-store", []string{"", "", "", ""}, 1, 4, 4},
	{"stale at once", "Cache-Control: max-age=0; Etag: \"x\"", []string{"", "", ""}, 1, 3, 3},
	{"no-cache", "Cache-Control: no-cache; Etag: \"x\"", []string{"", "", ""}, 1, 3, 3},
	{"Vary: *", "Cache-Control: max-age=10; Vary: *", []string{"", "", ""}, 1, 3, 3},
	{"an event stream", "Cache-Control: max-age=10; Content-Type: text/event-stream", []string{"", "", ""}, 1, 3, 3},
	{"who varies", "Cache-Control: max-age=10; Vary: Accept-Language", []string{"Accept-Language: de", "Accept-Language: de", "Accept-Language: en", ""}, 1, 3, 3},
	{"a field that nothing varies by", "Cache-Control: max-age=10", []string{"Accept-Language: de", "Accept-Language: en"}, 1, 1, 1},
	{"a coding that not all take", "Cache-Control: max-age=10; Content-Encoding: br", []string{"Accept-Encoding: br", "Accept-Encoding: br, gzip", "Accept-Encoding: identity"}, 1, 2, 1},
	{"credentials", "Cache-Control: max-age=10", []string{"Authorization: A", "Authorization: B", "", "Authorization: A", "Authorization: B", "Cookie: c=1"}, 4, 4, 4},
	{"a public one is not waited for either", "Cache-Control: public, max-age=10", []string{"Authorization: A", "Authorization: B"}, 2, 2, 2},
	{"wishes of the caller's", "Cache-Control: max-age=10", []string{"", "Cache-Control: no-cache", "Cache-Control: no-store", "Cache-Control: max-age=0", "Pragma: no-cache", "Range: bytes=0-1", `If-None-Match: "y"`, ""}, 7, 7, 7},
	{"nor do they lead", "Cache-Control: max-age=10", []string{"Cache-Control: no-cache", "", `If-None-Match: "y"`, "Range: bytes=0-1", "Cache-Control: max-age=0", ""}, 5, 5, 5},
}

func TestFlightTogether(t *testing.T) {
	for _, c := range together {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache, h := byHand(t, nil)
				var callers []*caller
				all := func() {
					callers = callers[:0]
					for _, fields := range c.callers {
						callers = append(callers, asks(t, t.Context(), cache, "/a", fields))
					}
				}
				finish := func(calls []*call) { // answers and checks that everybody has the answer to their own fields
					for _, call := range calls {
						call.whole(c.head, told(c.head, call.req.Header))
					}
				}
				all()
				calls := h.asked(t, c.first)
				finish(calls[:1])
				calls = h.asked(t, c.then)
				finish(calls[1:])
				own := 0
				for i, caller := range callers {
					got := caller.body()
					if !strings.HasPrefix(got, "collapsed: ") {
						own++
					}
					got = strings.TrimPrefix(got, "collapsed: ")
					if want := told(c.head, fieldsOf(c.callers[i])); got != want {
						t.Errorf("caller %d got %q, want %q", i, got, want)
					}
				}
				if own != c.then {
					t.Errorf("%d answers are not marked collapsed, %d requests were sent", own, c.then)
				}
				time.Sleep(20 * time.Second)
				all()
				finish(h.asked(t, c.then+c.again)[c.then:])
				synctest.Wait()
				finish(h.calls[c.then+c.again:])
				for _, caller := range callers {
					caller.body()
				}
			})
		})
	}
}

// told is what an answer with this head says: the fields of its request by which it is told apart.
func told(head string, h http.Header) string {
	if !strings.Contains(head, "Vary: Accept-Language") {
		h = http.Header{"Authorization": h["Authorization"], "Cookie": h["Cookie"]}
	}
	return fmt.Sprintf("for %s %s %s", h["Authorization"], h["Cookie"], h["Accept-Language"])
}

// TestFlightTerms: who wants nothing but what is stored waits for nobody; Reload and Validate fetch their own.
func TestFlightTerms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, h := byHand(t, nil)
		callers := []*caller{asks(t, t.Context(), cache, "/a", "")}
		if got := lies(t, cache, "/a", ""); got != "nothing" {
			t.Errorf("only-if-cached got %q", got)
		}
		for _, terms := range []larder.Terms{{Reload: larder.On}, {Validate: larder.On}} {
			callers = append(callers, asks(t, larder.With(t.Context(), terms), cache, "/a", ""))
		}
		for i, c := range h.asked(t, 3) {
			c.whole("Cache-Control: max-age=10", fmt.Sprint(i))
			if got := callers[i].body(); got != fmt.Sprint(i) {
				t.Errorf("caller %d got %q", i, got)
			}
		}
	})
}

// TestFlightIdentities: nobody even waits for the answer to somebody else.
func TestFlightIdentities(t *testing.T) {
	for kind, id := range map[string]func(name string) (larder.Identity, larder.Terms){
		"Scope": func(name string) (larder.Identity, larder.Terms) {
			return larder.Identity{Scope: name, Owns: []string{"Cookie"}}, larder.Terms{}
		},
		"Trust":       func(name string) (larder.Identity, larder.Terms) { return larder.Identity{Trust: name}, larder.Terms{} },
		"Terms.Scope": func(name string) (larder.Identity, larder.Terms) { return larder.Identity{}, larder.Terms{Scope: name} },
	} {
		synctest.Test(t, func(t *testing.T) {
			cache, h := byHand(t, nil)
			var callers []*caller
			for _, name := range []string{"a", "b", "a", "b"} {
				who, terms := id(name)
				callers = append(callers, asks(t, larder.With(t.Context(), terms), cache.Through(h, who), "/a", "Cookie: c=1"))
			}
			want := []string{"a", "b", "collapsed: a", "collapsed: b"}
			for i, c := range h.asked(t, 2) {
				c.whole("Cache-Control: max-age=10", want[i])
			}
			for i, c := range callers {
				if got := c.body(); got != want[i] {
					t.Errorf("%s: caller %d got %q, want %q", kind, i, got, want[i])
				}
			}
		})
	}
}

// TestFlightLeaderLeaves: whoever goes, the others get everything and it is stored.
func TestFlightLeaderLeaves(t *testing.T) {
	for _, how := range []string{"before the head", "by its context", "by a deadline", "by Close"} {
		synctest.Test(t, func(t *testing.T) {
			cache, h := byHand(t, nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			leader, follower := asks(t, ctx, cache, "/a", ""), asks(t, t.Context(), cache, "/a", "")
			c := h.asked(t, 1)[0]
			if how == "before the head" {
				leader.stop()
				if got := leader.body(); got != "error context canceled" {
					t.Errorf("the leader got %q", got)
				}
			}
			c.head("Cache-Control: max-age=600")
			c.send("first ", false)
			<-follower.done
			switch how {
			case "by its context":
				leader.stop()
			case "by a deadline":
				time.Sleep(time.Minute)
			case "by Close":
				<-leader.done
				leader.resp.Body.Close()
			}
			if synctest.Wait(); leader.resp != nil {
				if _, err := leader.resp.Body.Read(make([]byte, 1)); err == nil || err == io.EOF {
					t.Errorf("%s: the leader reads on: %v", how, err)
				}
			}
			late := asks(t, t.Context(), cache, "/a", "")
			first := c.sent
			go func() {
				<-first // has been read
				c.send("last", true)
			}()
			for _, f := range []*caller{follower, late} {
				if got := f.body(); got != "collapsed: first last" {
					t.Errorf("%s: a follower got %q", how, got)
				}
			}
			if got := lies(t, cache, "/a", ""); got != "first last" {
				t.Errorf("%s: stored is %q", how, got)
			}
			h.asked(t, 1)
		})
	}
}

// TestFlightAllLeave: then the origin's request ends, and nothing is left of it.
func TestFlightAllLeave(t *testing.T) {
	for _, c := range []struct{ name, head, other string }{
		{"before the head", "", ""},
		{"while they read", "Cache-Control: max-age=600", ""},
		{"the last one because the answer was another's", "Cache-Control: max-age=600; Vary: Accept-Language", "Accept-Language: en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := memstore.New(nil)
				cache, h := byHand(t, st)
				leader, other := asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", c.other)
				call := h.asked(t, 1)[0]
				switch {
				case c.head == "":
				case c.other != "": // the leader goes before the head comes, the other one when it sees it
					leader.stop()
					call.head(c.head)
				default:
					call.head(c.head)
					call.send(strings.Repeat("x", 300<<10), false)
					for _, who := range []*caller{leader, other} {
						<-who.done
						io.ReadFull(who.resp.Body, make([]byte, 300<<10))
					}
				}
				leader.stop()
				synctest.Wait()
				if c.other == "" {
					other.stop()
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if call.req.Context().Err() == nil {
					t.Error("the origin's request goes on")
					call.w.Close()
				}
				if c.other != "" {
					h.asked(t, 2)[1].whole(c.head, "en")
					if got := other.body(); got != "en" {
						t.Errorf("the other one got %q", got)
					}
				}
				if n, _, err := store.Count(t.Context(), st, "b/"); n != 0 || err != nil {
					t.Errorf("%d chunks are left, %v", n, err)
				}
				if got := lies(t, cache, "/a", ""); got != "nothing" {
					t.Errorf("stored is %q", got)
				}
			})
		})
	}
}

// TestFlightAbandonedBody: a body that nobody takes over is closed.
func TestFlightAbandonedBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, closed := make(chan struct{}), make(chan error, 1)
		cache := on(t, nil, &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			<-release // a transport that is slow to see the end of its request
			r, w := io.Pipe()
			go func() {
				_, err := w.Write([]byte("x"))
				closed <- err
			}()
			time.AfterFunc(time.Second, func() { r.CloseWithError(io.ErrNoProgress) })
			resp := answer(req, "", fieldsOf("Cache-Control: no-store"))
			resp.Body = r
			return resp, nil
		})})
		c := asks(t, t.Context(), cache, "/a", "")
		c.stop()
		<-c.done
		close(release)
		if err := <-closed; err != io.ErrClosedPipe {
			t.Errorf("the body of an answer that nobody waits for is not closed: %v", err)
		}
	})
}

// TestFlightFails: nobody fails because another did.
func TestFlightFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, h := byHand(t, nil)
		callers := []*caller{asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", "")}
		h.asked(t, 1)[0].answer <- errors.New("refused")
		calls := h.asked(t, 3)
		calls[1].answer <- errors.New("refused too")
		calls[2].whole("Cache-Control: max-age=10", "b")
		got := map[string]bool{}
		for _, c := range callers {
			got[c.body()] = true
		}
		if want := "map[b:true error refused:true error refused too:true]"; fmt.Sprint(got) != want || callers[0].err.Error() != "refused" {
			t.Errorf("got %v, want %s, the leader %v", got, want, callers[0].err)
		}
	})
}

// TestFlightUnsafe: what was asked for before something changed is given to nobody who asks after.
func TestFlightUnsafe(t *testing.T) {
	for _, method := range []string{"POST", "PURGE"} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache, h := byHand(t, nil)
				head := "Cache-Control: max-age=600"
				before, with := asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", "")
				h.asked(t, 1)[0].head(head)
				unsafe := asks(t, t.Context(), cache, method+" /a", "")
				h.asked(t, 2)[1].whole("", "done")
				unsafe.body()
				after := asks(t, t.Context(), cache, "/a", "")
				calls := h.asked(t, 3)
				calls[0].send("old", true)
				if got := before.body() + " " + with.body(); got != "old collapsed: old" {
					t.Errorf("before: %q", got)
				}
				if got := lies(t, cache, "/a", ""); got != "nothing" {
					t.Errorf("afterwards %q is served", got)
				}
				calls[2].whole(head, "new")
				if got := after.body() + " " + lies(t, cache, "/a", ""); got != "new new" {
					t.Errorf("after: %q", got)
				}
			})
		})
	}
}

// TestFlightRequestReused: once its body is closed a request is the caller's again, who may change it for the next one.
func TestFlightRequestReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, h := byHand(t, nil)
		leader, follower := asks(t, t.Context(), cache, "/a", "Accept-Language: de"), asks(t, t.Context(), cache, "/a", "Accept-Language: de")
		call := h.asked(t, 1)[0]
		call.head("Cache-Control: max-age=600; Vary: Accept-Language")
		<-leader.done
		leader.resp.Body.Close()
		leader.req.Header.Set("Accept-Language", "en")
		call.send("deutsch", true)
		if got := follower.body(); got != "collapsed: deutsch" {
			t.Errorf("the follower got %q", got)
		}
		if en, de := lies(t, cache, "/a", "Accept-Language: en"), lies(t, cache, "/a", "Accept-Language: de"); en != "nothing" || de != "deutsch" {
			t.Errorf("en gets %q, de gets %q", en, de)
		}
	})
}

// TestFlightValidates: one question for all, where the answer is fresh for all of them.
func TestFlightValidates(t *testing.T) {
	for fields, want := range map[string]int{"max-age=10": 1, "no-cache": 3} {
		t.Run(fields, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache, h := byHand(t, nil)
				head := `Cache-Control: ` + fields + `; Etag: "x"`
				first := asks(t, t.Context(), cache, "/a", "")
				h.asked(t, 1)[0].whole(head, "text")
				first.body()
				time.Sleep(20 * time.Second)
				callers := []*caller{asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", "")}
				for _, c := range h.asked(t, 1+want)[1:] {
					resp := answer(c.req, "", fieldsOf(head))
					if resp.StatusCode = http.StatusNotModified; c.req.Header.Get("If-None-Match") != `"x"` {
						t.Errorf("the origin was asked with %v", c.req.Header)
					}
					c.answer <- resp
				}
				for _, c := range callers {
					got := c.body()
					if info, _ := larder.InfoOf(c.resp); got != "text" || !info.Revalidated {
						t.Errorf("got %q, %+v", got, info)
					}
				}
				h.asked(t, 1+want)
			})
		})
	}
}

// pausing is a store in which one look-up, while it is told to, takes long to come back with what it saw.
type pausing struct {
	store.Store
	armed  atomic.Bool
	goesOn chan struct{}
}

func (p *pausing) Get(ctx context.Context, key string) (store.Item, error) {
	it, err := p.Store.Get(ctx, key)
	if strings.HasPrefix(key, "e/") && p.armed.CompareAndSwap(true, false) {
		<-p.goesOn
	}
	return it, err
}

// TestFlightLanded: who looked up before the commit, and joins after it, looks again.
func TestFlightLanded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &pausing{Store: memstore.New(nil), goesOn: make(chan struct{})}
		cache, h := byHand(t, st)
		first := asks(t, t.Context(), cache, "/a", "")
		call := h.asked(t, 1)[0]
		st.armed.Store(true)
		slow := asks(t, t.Context(), cache, "/a", "")
		call.whole("Cache-Control: max-age=10", "text")
		first.body()
		synctest.Wait()
		close(st.goesOn)
		if got := slow.body(); got != "text" {
			t.Errorf("got %q", got)
		}
		if info, _ := larder.InfoOf(slow.resp); !info.FromCache {
			t.Errorf("%+v", info)
		}
		h.asked(t, 1)
	})
}
