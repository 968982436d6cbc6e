import EventModel
import EventSourcing

/// What is taken in from Kafka.
struct IngestSettings: Sendable {
    /// The tenants for which messages are taken in (`ingest.workspaces`); any unless told otherwise.
    let workspaces: InboundWorkspaces

    init(_ source: SettingsSource) throws(Failure) {
        guard let names = source.list("ingest.workspaces")?.filter({ !$0.isEmpty }), !names.isEmpty else {
            workspaces = .any
            return
        }
        var known: Set<Workspace> = []
        for name in names {
            do throws(NameFlaw) { known.insert(try Workspace(name)) } catch {
                throw SettingsSource.misfit(
                    "ingest.workspaces", Table.printable(name, cutAt: 120),
                    "a list of workspaces, for instance default,acme")
            }
        }
        workspaces = .only(known)
    }

    /// As it is shown.
    var listing: String {
        switch workspaces {
        case .any: "(any)"
        case .only(let known): known.map(\.rawValue).sorted().joined(separator: ",")
        }
    }
}
