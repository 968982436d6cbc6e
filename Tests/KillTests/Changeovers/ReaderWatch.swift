import Foundation
import PostgresDriver
import Synchronization

/// Law L3 as a reader sees it: what the views say is never less than what they said before, and no view is ever missing.
///
/// Beside somebody who reads all the time, the server itself notes every checkpoint that goes back, and every exchange after which readers see
/// a lane further back than before.
final class ReaderWatch: Sendable {
    static let script =
        """
        create table public.setbacks (what text);
        create function public.note_setback() returns trigger language plpgsql as $$
        begin
            insert into public.setbacks values (format('generation %s of %s went back from %s to %s in lane %s',
                new.version, new.consumer, old.position, new.position, new.lane));
            return null;
        end
        $$;
        create trigger note_setbacks after update on lockstep.checkpoints for each row
        when (new.kind = 'projector' and new.position < old.position) execute function public.note_setback();
        create function public.note_exchange() returns trigger language plpgsql as $$
        begin
            insert into public.setbacks
            select format('generation %s of %s came with lane %s at %s, where readers had seen %s', new.number, new.projection, l, a.position,
                b.position)
            from generate_series(0, \(World.lanes - 1)) l
            cross join lateral (select coalesce(max(c.position), 0) as position from lockstep.checkpoints c
                where c.consumer = new.projection and c.kind = 'projector' and c.version = new.number and c.lane in (-1, l)) a
            cross join lateral (select coalesce(max(c.position), 0) as position from lockstep.checkpoints c
                join lockstep.generations g on g.projection = c.consumer and g.number = c.version and g.state = 'previous'
                where c.consumer = new.projection and c.kind = 'projector' and c.lane in (-1, l)) b
            where a.position < b.position;
            return null;
        end
        $$;
        create constraint trigger note_exchanges after update on lockstep.generations deferrable initially deferred for each row
        when (new.state = 'active' and old.state <> 'active') execute function public.note_exchange();
        """

    /// How many events each view tells of: every one of them grows with each event that it handles.
    private static let views = [
        "timeline": "select count(*) from lockstep_views.timeline",
        "workflows": "select coalesce(sum(revision), 0)::bigint from lockstep_views.workflows",
        "activity_by_hour": "select coalesce(sum(events), 0)::bigint from lockstep_views.activity_by_hour",
    ]

    private let observer: Observer
    private let state = Mutex((isClosed: false, looks: 0, flaws: [String]()))

    init(_ observer: Observer) { self.observer = observer }

    /// How often all views were read.
    var looks: Int { state.withLock { $0.looks } }

    func close() { state.withLock { $0.isClosed = true } }

    /// Reads until closed.
    func run() async {
        var seen: [String: Int64] = [:]
        while !state.withLock({ $0.isClosed }) {
            for (view, question) in Self.views {
                do {
                    let count = try await observer.number(question)
                    if count < seen[view, default: 0] {
                        note("\(view) told of \(seen[view, default: 0]) events, then of \(count)")
                    }
                    seen[view] = count
                } catch let error as PostgresError where error.kind == .connectionFailed {
                    // Nobody was there to be asked: a machine that is busy, not a view that is missing.
                } catch { note("\(view) could not be read: \(error)") }
            }
            state.withLock { $0.looks += 1 }
            for _ in 0..<4 { await Patience.breathe() }
        }
    }

    private func note(_ flaw: String) { state.withLock { $0.flaws.append(flaw) } }

    func flaws() async throws -> [String] {
        let noted = try await observer.texts("select what from public.setbacks limit 20")
        return noted + state.withLock { $0.flaws.prefix(20) }
    }
}
