"""A small template that keeps every promise; tests break one at a time."""

GOOD = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Architecture: { Type: String }
Globals:
  Function:
    Runtime: provided.al2023
    Architectures: [!Ref Architecture]
    CodeUri: target/lambda/bootstrap
    Environment: { Variables: { RUST_LOG: info } }
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - { IndexName: due, KeySchema: [], Projection: { ProjectionType: KEYS_ONLY } }
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
  Work:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${AWS::StackName}-work.fifo"
      FifoQueue: true
      VisibilityTimeout: 60
      MessageRetentionPeriod: 3600
      SqsManagedSseEnabled: true
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 }
  Dead:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${AWS::StackName}-dead.fifo"
      FifoQueue: true
      MessageRetentionPeriod: 1209600
      SqsManagedSseEnabled: true
  Failed:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Sub "${AWS::StackName}-failed", SqsManagedSseEnabled: true }

  ApiFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub "${AWS::StackName}-api"
      Handler: api
      Role: !GetAtt ApiRole.Arn
      LoggingConfig: { LogGroup: !Ref ApiLogs }
      Environment: { Variables: { SYNC_QUEUE_URL: !Ref Work } }
  ApiLogs:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: !Sub "/aws/lambda/${AWS::StackName}-api", RetentionInDays: 1 }
  ApiRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: api
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt Work.Arn }
  HttpApi: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: HTTP } }
  ApiInvocation:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref ApiFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub "arn:aws:execute-api:${HttpApi}/*"
  ApiIntegration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { IntegrationUri: !GetAtt ApiFunction.Arn, PayloadFormatVersion: "2.0" }
  ApiRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: "GET /api/v1/things", Target: !Sub "integrations/${ApiIntegration}" }
  ApiAliasRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: "GET /api/things", Target: !Sub "integrations/${ApiIntegration}" }

  WorkerFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub "${AWS::StackName}-worker"
      Handler: worker
      Timeout: 10
      Role: !GetAtt WorkerRole.Arn
      RecursiveLoop: Allow
      LoggingConfig: { LogGroup: !Ref WorkerLogs }
      Environment: { Variables: { SYNC_QUEUE_URL: !Ref Work, TABLE_NAME: !Ref Table } }
  WorkerLogs:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: !Sub "/aws/lambda/${AWS::StackName}-worker", RetentionInDays: 1 }
  WorkerRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: worker
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: ["sqs:ReceiveMessage", "sqs:SendMessage"], Resource: !GetAtt Work.Arn }
              - { Effect: Allow, Action: "dynamodb:Query", Resource: !Sub "${Table.Arn}/index/*" }
              - { Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt Failed.Arn }
  WorkerWork:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref WorkerFunction
      EventSourceArn: !GetAtt Work.Arn
      BatchSize: 10
      FunctionResponseTypes: [ReportBatchItemFailures]
  WorkerStream:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref WorkerFunction
      EventSourceArn: !GetAtt Table.StreamArn
      StartingPosition: TRIM_HORIZON
      MaximumRetryAttempts: 3
      BisectBatchOnFunctionError: true
      FunctionResponseTypes: [ReportBatchItemFailures]
      DestinationConfig: { OnFailure: { Destination: !GetAtt Failed.Arn } }
"""
