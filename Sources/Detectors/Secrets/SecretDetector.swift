public import Moderation

/// Finds keys, tokens and other secrets by their published formats, and by the names they stand near.
public struct SecretDetector: Detector {
    private let detector: RecognizerDetector

    /// Looks for the given kinds.
    public init(_ kinds: [SecretKind]) {
        detector = RecognizerDetector(recognizers: kinds.map(Recognizer.recognizer(for:)))
    }

    /// Every secret, labelled with the raw value of its kind.
    public func matches(in text: String) throws -> [Match] {
        try detector.matches(in: text)
    }
}

extension Recognizer {
    /// The recognizer of a kind of secret.
    static func recognizer(for kind: SecretKind) -> Recognizer {
        switch kind {
        case .privateKey: privateKey
        case .awsAccessKey: awsAccessKey
        case .githubToken: githubToken
        case .gitlabToken: gitlabToken
        case .slackToken: slackToken
        case .googleAPIKey: googleAPIKey
        case .openaiKey: openaiKey
        case .stripeKey: stripeKey
        case .anthropicKey: anthropicKey
        case .aiServiceKey: aiServiceKey
        case .huggingfaceToken: huggingfaceToken
        case .azureKey: azureKey
        case .googleOAuth: googleOAuth
        case .digitaloceanToken: digitaloceanToken
        case .vaultToken: vaultToken
        case .npmToken: npmToken
        case .pypiToken: pypiToken
        case .sendgridKey: sendgridKey
        case .mailgunKey: mailgunKey
        case .twilioKey: twilioKey
        case .shopifyToken: shopifyToken
        case .telegramToken: telegramToken
        case .discordToken: discordToken
        case .serviceToken: serviceToken
        case .jwt: jwt
        case .connectionString: connectionString
        case .highEntropy: highEntropy
        }
    }
}
