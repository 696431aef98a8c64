package sqlitestore

import (
	"context"
	"sync"
	"time"

	"github.com/larder-go/larder/store"
)

const (
	lazyDelay = 75 * time.Millisecond // after which a lazy put is committed; the contract gives 100
	lazyBytes = 4 << 20               // of lazy puts that may be waiting
)

// queue holds the operations that are not committed yet, in the order of the calls. One goroutine at a time commits
// them: a caller that finds nobody at work, which is quickest for a lone call, otherwise one of the queue's own. That one
// runs, or a timer that will start it, only while something is queued.
type queue struct {
	commit func(ctx context.Context) // takes what is queued, commits and settles it; ctx ends the wait for other processes

	mu      sync.Mutex
	ops     []*operation          // that no transaction has taken
	waiting map[string]*operation // the last lazy put of each key, until it is settled
	bytes   int64                 // cost of the lazy puts that are not settled
	urgent  bool                  // what is in ops has waited long enough
	working bool                  // somebody commits
	closed  bool
	timer   *time.Timer   // where a lazy put is in ops that is not urgent yet
	news    chan struct{} // closed, and made anew, when operations were settled or nobody commits any more
}

func newQueue(commit func(context.Context)) *queue {
	return &queue{commit: commit, waiting: make(map[string]*operation), news: make(chan struct{})}
}

// do queues op and, where it is not lazy, waits until it is committed. If ctx ends while op is still queued, nothing of
// op happens; a transaction that has taken op is waited for, because only its end tells what became of op.
func (q *queue) do(ctx context.Context, op *operation) error {
	if !op.lazy {
		op.done = make(chan struct{})
	}
	lead, err := q.add(ctx, op)
	if err != nil || op.lazy {
		return err
	}
	if lead {
		q.commit(ctx)
		if q.more() {
			go q.work()
		}
	}
	select {
	case <-op.done:
		return op.err
	case <-ctx.Done():
	}
	if q.withdraw(op) {
		return ctx.Err()
	}
	<-op.done
	return op.err
}

// add queues op. lead: the caller must commit, since nobody else does.
func (q *queue) add(ctx context.Context, op *operation) (lead bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for op.lazy && q.bytes >= lazyBytes && !q.closed {
		if err := q.wait(ctx); err != nil {
			return false, err
		}
	}
	if q.closed {
		return false, store.ErrClosed
	}
	q.ops = append(q.ops, op)
	if !op.lazy {
		lead = !q.working
		q.urgent, q.working = true, true
		return lead, nil
	}
	q.waiting[op.key] = op
	q.bytes += op.cost
	if q.bytes >= lazyBytes {
		q.hurry()
	} else if q.timer == nil {
		q.timer = time.AfterFunc(lazyDelay, q.late)
	}
	return false, nil
}

// hurry has committed what is queued. mu is held.
func (q *queue) hurry() {
	q.urgent = true
	if !q.working {
		q.working = true
		go q.work()
	}
}

func (q *queue) late() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.ops) > 0 { // a timer that fired before it was stopped finds nothing
		q.hurry()
	}
}

func (q *queue) work() {
	for q.more() {
		q.commit(context.Background())
	}
}

// more reports whether something is to be committed at once; otherwise whoever commits may go.
func (q *queue) more() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.urgent {
		q.working = false
		q.tell()
	}
	return q.urgent
}

// tell wakes all that wait. mu is held.
func (q *queue) tell() {
	close(q.news)
	q.news = make(chan struct{})
}

// wait returns when there are news. mu is held, but not while waiting.
func (q *queue) wait(ctx context.Context) error {
	news := q.news
	q.mu.Unlock()
	defer q.mu.Lock()
	select {
	case <-news:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *queue) withdraw(op *operation) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if op.state == taken {
		return false
	}
	op.state = withdrawn
	return true
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ops)
}

// take returns the first n operations, or all for -1, without those that were withdrawn. They must be settled.
func (q *queue) take(n int) []*operation {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n < 0 {
		n = len(q.ops)
	}
	var batch []*operation
	for _, op := range q.ops[:n] {
		if op.state != withdrawn {
			op.state = taken
			batch = append(batch, op)
		}
	}
	if q.ops = append([]*operation(nil), q.ops[n:]...); len(q.ops) > 0 {
		return batch // those go on being urgent: the committer calls at once again
	}
	q.urgent = false
	if q.timer != nil {
		q.timer.Stop()
		q.timer = nil
	}
	return batch
}

// settle ends the life of operations whose err is set. When a strict one returns, all that was queued before it has been
// told: a caller that puts lazily and then strictly knows by then whether anything was lost.
func (q *queue) settle(batch []*operation) {
	q.mu.Lock()
	for _, op := range batch {
		if !op.lazy {
			continue
		}
		q.bytes -= op.cost
		if q.waiting[op.key] == op {
			delete(q.waiting, op.key)
		}
	}
	q.tell()
	q.mu.Unlock()
	for _, op := range batch {
		if op.err != nil && op.lost != nil {
			op.lost(&store.Error{Op: "put", Key: op.key, Err: op.err})
		}
	}
	for _, op := range batch {
		if op.done != nil {
			close(op.done)
		}
	}
}

// close lets nothing more in and returns when everything is settled.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	if len(q.ops) > 0 {
		q.hurry()
	}
	for q.working {
		_ = q.wait(context.Background()) // which never ends
	}
}
