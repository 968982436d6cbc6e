/// One of the hosts of a connection string.
///
/// libpq applies its time limit host by host only in its blocking call, which keeps the SQLSTATE of a refusal to
/// itself. So hosts are tried one after the other here, each with its own limit.
struct Endpoint: Equatable, Sendable {
    /// The keywords that single this host out; empty when the string names none.
    var options: [String: String] = [:]
}

extension PostgresConfiguration {
    /// The hosts in the order in which to try them. With `target_session_attrs=prefer-standby` all are first asked for
    /// a standby, then for anything.
    var endpoints: [Endpoint] {
        let single = hostLists
        guard options["target_session_attrs"] == "prefer-standby", single.count > 1 else { return single }
        return ["standby", "any"].flatMap { attribute in
            single.map { Endpoint(options: $0.options.merging(["target_session_attrs": attribute]) { _, new in new }) }
        }
    }

    private var hostLists: [Endpoint] {
        let lists = ["host", "hostaddr", "port"].map { key in
            (key, (options[key] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init))
        }
        let count = max(lists[0].1.count, lists[1].1.count)
        guard count > 1, lists.prefix(2).allSatisfy({ $0.1.count == count || options[$0.0] == nil }) else {
            return [Endpoint()]
        }
        return (0..<count).map { index in
            var own: [String: String] = [:]
            for (key, values) in lists where options[key] != nil {
                own[key] = values.count == count ? values[index] : (values.count == 1 ? values[0] : nil)
            }
            return Endpoint(options: own)
        }
    }
}
